package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.ReplyBridges;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.ReplyLog;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import io.javalin.http.Context;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers of requests that were accepted earlier, by any instance: what stands in the log, and then
 * what comes. The bytes are those which the first client got, or would have got.
 *
 * <p>Thread-safe.
 */
final class Resumption {
  /** How long the first record of a request may be in coming while routers change over. */
  private static final Duration YOUNG = Duration.ofSeconds(15);

  /** How long the log may take to be read to its end. */
  private static final Duration READABLE_AFTER = Duration.ofSeconds(30);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Map<Protocol, Dialect> dialects;
  private final IngressSettings settings;
  private final Clock clock;
  private final BrokerWatch broker;
  private final ReplyBridges bridges;
  private final ReplyLog log;
  private final Answers answers;

  Resumption(
      Map<Protocol, Dialect> dialects,
      IngressSettings settings,
      Clock clock,
      BrokerWatch broker,
      ReplyBridges bridges,
      ReplyLog log,
      Answers answers) {
    this.dialects = Map.copyOf(dialects);
    this.settings = settings;
    this.clock = clock;
    this.broker = broker;
    this.bridges = bridges;
    this.log = log;
    this.answers = answers;
  }

  /**
   * Gives the request's answer, to its tenant alone.
   *
   * @param after the last event the client has seen; null to begin at the beginning
   * @throws ProblemException 404 if the tenant has no such request, 410 if its answer is not kept
   *     any more, 503 if the broker is away, or what the request failed with
   */
  void answer(RequestId id, @Nullable EventPosition after, Context context)
      throws InterruptedException {
    Optional<RequestId> next = Optional.of(id);
    while (next.isPresent()) {
      next = answerOne(next.get(), after, context);
    }
  }

  private Optional<RequestId> answerOne(
      RequestId id, @Nullable EventPosition after, Context context) throws InterruptedException {
    broker.requireAnswering();
    requireKept(id);
    Exchange exchange = Exchange.require(context.req());
    try (ReplyFeed feed = ReplyFeed.resumed(id, bridges, log, settings.feed());
        ConnectionWatch watch =
            new ConnectionWatch(context.req(), () -> feed.fail(new ClientGoneException()))) {
      Rendering rendering = rendering(id, feed);
      if (!rendering.getTenant().equals(exchange.caller().tenant())) {
        throw notFound(id);
      }
      Dialect dialect = dialects.get(rendering.getProtocol());
      if (dialect == null) {
        throw new ProblemException(
            Problem.of(
                ErrorCode.UNAVAILABLE,
                "This instance does not speak the request's dialect yet. Try again."));
      }
      exchange.accepted(id.toString(), rendering.getModelAsked(), rendering.getStream());
      return answers.give(
          new Question(id, dialect, rendering, after, feed),
          context,
          new Patience(timeLeft(id), Acceptance.standing(), broker, watch),
          () -> {});
    }
  }

  private Duration timeLeft(RequestId id) {
    Duration left = Duration.between(clock.instant(), id.acceptedAt().plus(settings.deadline()));
    return left.compareTo(READABLE_AFTER) < 0 ? READABLE_AFTER : left;
  }

  private void requireKept(RequestId id) {
    if (!bridges.exists(id.replyPartition())) {
      throw notFound(id);
    }
    Duration kept = Topics.REPLIES.retention();
    if (id.acceptedAt().plus(kept).isBefore(clock.instant())) {
      throw expired(id);
    }
  }

  private Rendering rendering(RequestId id, ReplyFeed feed) throws InterruptedException {
    Instant accepted = id.acceptedAt();
    long start = System.nanoTime();
    while (true) {
      Optional<Rendering> rendering = feed.rendering(System.nanoTime() + LOOK_AGAIN.toNanos());
      if (rendering.isPresent()) {
        return rendering.get();
      }
      if (feed.beginningLost()) {
        throw expired(id);
      }
      boolean old = Duration.between(accepted, clock.instant()).compareTo(YOUNG) > 0;
      boolean future = accepted.isAfter(clock.instant().plus(YOUNG));
      if (feed.reachedEnd() && (old || future)) {
        throw notFound(id);
      }
      if (System.nanoTime() - start > READABLE_AFTER.toNanos()) {
        throw new ProblemException(RequestLog.brokerAway());
      }
    }
  }

  /** As for an id that cannot be one, so that nobody learns which requests others have made. */
  static ProblemException notFound(Object id) {
    return new ProblemException(
        Problem.of(ErrorCode.NOT_FOUND, "There is no request with the id '" + id + "'."));
  }

  private static ProblemException expired(RequestId id) {
    return new ProblemException(
        Problem.of(
            ErrorCode.EXPIRED,
            "The answer of request "
                + id
                + " is not kept any more: answers are kept for "
                + Topics.REPLIES.retention().toHours()
                + " hours."));
  }
}
