package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.ChatSubmission;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.ReplyBridges;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.ReplyLog;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.ClientGone;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * A chat request from its body to the end of its answer: written to the log, waited for, rendered.
 * Thread-safe; each request runs on a virtual thread of its own and holds no prompt while it waits.
 */
final class ChatHandler implements Handler {
  private final Dialect dialect;
  private final IngressSettings settings;
  private final Supplier<Catalogue> catalogue;
  private final Clock clock;
  private final Gate gate;
  private final BodyReader bodies;
  private final BrokerWatch broker;
  private final RequestLog requests;
  private final ReplyBridges bridges;
  private final ReplyLog log;
  private final Answers answers;
  private final Resumption resumption;

  ChatHandler(
      Dialect dialect,
      IngressSettings settings,
      Supplier<Catalogue> catalogue,
      Clock clock,
      Gate gate,
      BodyReader bodies,
      BrokerWatch broker,
      RequestLog requests,
      ReplyBridges bridges,
      ReplyLog log,
      Answers answers,
      Resumption resumption) {
    this.dialect = dialect;
    this.settings = settings;
    this.catalogue = catalogue;
    this.clock = clock;
    this.gate = gate;
    this.bodies = bodies;
    this.broker = broker;
    this.requests = requests;
    this.bridges = bridges;
    this.log = log;
    this.answers = answers;
    this.resumption = resumption;
  }

  @Override
  public void handle(Context context) throws Exception {
    gate.enter();
    try {
      Optional<RequestId> earlier = ask(context);
      if (earlier.isPresent()) {
        resumption.answer(earlier.get(), null, context);
      }
    } finally {
      gate.leave();
    }
  }

  /** Returns the earlier request whose answer this one shares, if it repeats one. */
  private Optional<RequestId> ask(Context context) throws IOException, InterruptedException {
    Exchange exchange = Exchange.require(context.req());
    RequestHeaders headers = RequestHeaders.of(context.req());
    Question question;
    Acceptance acceptance;
    // In a block of its own, so that the body is not held while the answer is awaited.
    try (RequestBody body = bodies.read(context.req())) {
      ChatSubmission submission = dialect.parse(body.bytes());
      requireModel(submission.request().getModel());
      broker.requireAnswering();
      Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
      RequestId id = RequestId.of(now, bridges.own().partition(), ThreadLocalRandom.current());
      boolean stream = submission.request().getStream();
      exchange.accepted(id.toString(), submission.request().getModel(), stream);
      question =
          new Question(
              id,
              dialect,
              rendering(id, exchange, submission),
              null,
              ReplyFeed.live(id, bridges, log, settings.feed()));
      acceptance =
          requests.accept(
              headers.accepted(
                  id,
                  exchange,
                  dialect.protocol(),
                  submission,
                  now.plus(settings.deadline()),
                  body),
              question.feed()::refuse);
    }
    try (ReplyFeed feed = question.feed();
        ConnectionWatch watch =
            new ConnectionWatch(context.req(), () -> feed.fail(new ClientGoneException()))) {
      return answers.give(
          question,
          context,
          new Patience(settings.deadline(), acceptance, broker, watch),
          () -> clientGone(question, exchange.caller()));
    }
  }

  private Rendering rendering(RequestId id, Exchange exchange, ChatSubmission submission) {
    return Rendering.newBuilder()
        .setTenant(exchange.caller().tenant())
        .setKeyId(exchange.caller().keyId())
        .setProtocol(dialect.protocol())
        .setModelAsked(submission.request().getModel())
        .setAcceptedAt(id.acceptedAt())
        .setStream(submission.request().getStream())
        .setIncludeUsage(submission.request().getIncludeUsage())
        .setSession(exchange.session())
        .build();
  }

  private void requireModel(String name) {
    if (catalogue.get().model(name).isEmpty()) {
      throw new ProblemException(
          Problem.of(
              ErrorCode.MODEL_NOT_FOUND,
              "The model `" + name + "` does not exist or you do not have access to it."));
    }
  }

  private void clientGone(Question question, Caller caller) {
    if (caller.clientGone() == ClientGone.CANCEL && !question.feed().ended()) {
      requests.cancel(question.id().toString(), caller.tenant());
    }
  }
}
