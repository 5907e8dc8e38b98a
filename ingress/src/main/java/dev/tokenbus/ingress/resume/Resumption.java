package dev.tokenbus.ingress.resume;

import dev.tokenbus.ingress.chat.ChatResponder;
import dev.tokenbus.ingress.chat.ClientGoneException;
import dev.tokenbus.ingress.chat.PendingAppend;
import dev.tokenbus.ingress.chat.RequestWatchdog;
import dev.tokenbus.ingress.chat.ResponseContext;
import dev.tokenbus.ingress.chat.ResponseSettings;
import dev.tokenbus.ingress.http.ConnectionWatch;
import dev.tokenbus.ingress.http.RequestContext;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Dialects;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.FirstRecord;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.UnreadableReplyException;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.ingress.replies.live.ReplyBridges;
import dev.tokenbus.ingress.replies.log.ReplyLog;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import io.javalin.http.Context;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes the responses of requests that any instance accepted earlier: first the records in the
 * log, then the live ones. The bytes are the same as on the first connection.
 *
 * <p>Thread-safe.
 */
public final class Resumption {
  /** How long the first reply of a request may take while the routers rebalance. */
  private static final Duration YOUNG = Duration.ofSeconds(15);

  /** How long reading the log to its end may take. */
  private static final Duration READABLE_AFTER = Duration.ofSeconds(30);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Dialects dialects;
  private final ResponseSettings settings;
  private final Clock clock;
  private final BrokerWatch broker;
  private final ReplyBridges bridges;
  private final ReplyLog replyLog;
  private final ChatResponder responder;

  public Resumption(
      Dialects dialects,
      ResponseSettings settings,
      Clock clock,
      BrokerWatch broker,
      ReplyBridges bridges,
      ReplyLog replyLog,
      ChatResponder responder) {
    this.dialects = dialects;
    this.settings = settings;
    this.clock = clock;
    this.broker = broker;
    this.bridges = bridges;
    this.replyLog = replyLog;
    this.responder = responder;
  }

  /**
   * Writes the request's response, to its tenant alone.
   *
   * @param after the last event the client has seen; null to begin at the beginning
   * @throws ProblemException 404 if the tenant has no such request, 410 if its replies have
   *     expired, 503 if the broker is away or the log takes too long to be read, or what the
   *     request failed with
   */
  public void respond(RequestId id, @Nullable EventPosition after, Context context)
      throws InterruptedException {
    Optional<RequestId> next = Optional.of(id);
    while (next.isPresent()) {
      next = respondOne(next.get(), after, context);
    }
  }

  private Optional<RequestId> respondOne(
      RequestId id, @Nullable EventPosition after, Context context) throws InterruptedException {
    broker.requireAnswering();
    requireKept(id);
    RequestContext requestContext = RequestContext.require(context.req());
    try (ReplyFeed feed =
            ReplyFeed.resumed(
                id, after == null ? -1 : after.offset(), bridges, replyLog, settings.feed());
        ConnectionWatch watch =
            new ConnectionWatch(context.req(), () -> feed.fail(new ClientGoneException()))) {
      FirstRecord first = first(id, feed);
      Rendering rendering = first.rendering();
      if (!rendering.getTenant().equals(requestContext.caller().tenant())) {
        throw notFound(id);
      }
      if (after != null && !rendering.getStream()) {
        // A response in one piece has no events: it is written whole.
        return respondOne(id, null, context);
      }
      Dialect dialect =
          dialects.of(rendering.getProtocol()).orElseThrow(Resumption::unknownDialect);
      requestContext.speaks(dialect);
      requestContext.accepted(id.toString(), rendering.getModelAsked(), rendering.getStream());
      return responder.respond(
          new ResponseContext(id, dialect, rendering, after, feed),
          context,
          new RequestWatchdog(timeLeft(id, first), PendingAppend.acknowledged(), broker, watch),
          () -> {});
    }
  }

  /** Another instance, or a policy, may have given the request another time than this one would. */
  private Duration timeLeft(RequestId id, FirstRecord first) {
    Instant deadline =
        first.deadline() == null ? id.acceptedAt().plus(settings.deadline()) : first.deadline();
    Duration left = Duration.between(clock.instant(), deadline);
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

  private FirstRecord first(RequestId id, ReplyFeed feed) throws InterruptedException {
    try {
      return readFirst(id, feed);
    } catch (UnreadableReplyException e) {
      throw new ProblemException(e.problem());
    }
  }

  private FirstRecord readFirst(RequestId id, ReplyFeed feed) throws InterruptedException {
    Instant accepted = id.acceptedAt();
    long start = System.nanoTime();
    while (true) {
      Optional<FirstRecord> first = feed.first(System.nanoTime() + LOOK_AGAIN.toNanos());
      if (first.isPresent()) {
        return first.get();
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
        throw new ProblemException(notRead(id, broker.answering()));
      }
    }
  }

  /** The problem of a request that was not found in time, and may well be in the log. */
  static Problem notRead(RequestId id, boolean brokerAnswers) {
    return brokerAnswers
        ? Problem.of(
                ErrorCode.UNAVAILABLE,
                "The log is still being read to find request " + id + ". Try again.")
            .retryAfter(Duration.ofSeconds(5))
        : BrokerWatch.unreachable();
  }

  private static ProblemException unknownDialect() {
    return new ProblemException(
        Problem.of(
            ErrorCode.UNAVAILABLE,
            "This instance does not speak the request's dialect yet. Try again."));
  }

  /** The same 404 as for a malformed id, so that nobody learns which requests others have made. */
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
