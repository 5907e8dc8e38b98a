package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.ChatSubmission;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.ReplyBridge;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.ReplyLog;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.ErrorCode;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.ClientGone;
import dev.tokenbus.schemas.avro.Rendering;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
  private final ReplyBridge bridge;
  private final ReplyLog log;

  ChatHandler(
      Dialect dialect,
      IngressSettings settings,
      Supplier<Catalogue> catalogue,
      Clock clock,
      Gate gate,
      BodyReader bodies,
      BrokerWatch broker,
      RequestLog requests,
      ReplyBridge bridge,
      ReplyLog log) {
    this.dialect = dialect;
    this.settings = settings;
    this.catalogue = catalogue;
    this.clock = clock;
    this.gate = gate;
    this.bodies = bodies;
    this.broker = broker;
    this.requests = requests;
    this.bridge = bridge;
    this.log = log;
  }

  @Override
  public void handle(Context context) throws Exception {
    gate.enter();
    try {
      AcceptedRequest accepted = accept(context.req());
      try (ReplyFeed feed = accepted.feed();
          ConnectionWatch watch =
              new ConnectionWatch(context.req(), () -> feed.fail(new ClientGoneException()))) {
        answer(
            accepted,
            context,
            new Patience(settings.deadline(), accepted.acceptance(), broker, watch));
      }
    } finally {
      gate.leave();
    }
  }

  private AcceptedRequest accept(HttpServletRequest http) throws IOException, InterruptedException {
    Exchange exchange = Exchange.require(http);
    RequestHeaders headers = RequestHeaders.of(http);
    try (RequestBody body = bodies.read(http)) {
      ChatSubmission submission = dialect.parse(body.bytes());
      requireModel(submission.request().getModel());
      broker.requireAnswering();
      Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
      RequestId id = RequestId.of(now, bridge.partition(), ThreadLocalRandom.current());
      boolean stream = submission.request().getStream();
      exchange.accepted(id.toString(), submission.request().getModel(), stream);
      ReplyFeed feed = ReplyFeed.live(id, bridge, log, settings.feed());
      Acceptance acceptance =
          requests.accept(
              headers.accepted(
                  id,
                  exchange,
                  dialect.protocol(),
                  submission,
                  now.plus(settings.deadline()),
                  body),
              feed::refuse);
      return new AcceptedRequest(
          id, dialect, rendering(id, exchange, submission), exchange.caller(), acceptance, feed);
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

  private void answer(AcceptedRequest accepted, Context context, Patience patience)
      throws InterruptedException {
    Exchange exchange = Exchange.require(context.req());
    context.res().setHeader(Headers.REQUEST_ID, exchange.requestId());
    boolean committed = false;
    try {
      if (accepted.rendering().getStream()) {
        StreamedAnswer answer =
            new StreamedAnswer(accepted, context.res(), exchange, settings, patience);
        try {
          answer.run();
        } finally {
          committed = answer.isCommitted();
        }
      } else {
        new PlainAnswer(accepted, context.res(), exchange, patience).run();
      }
    } catch (ClientGoneException | IOException e) {
      clientGone(accepted, exchange);
      if (!context.res().isCommitted()) {
        // For the log line alone: nobody will see it.
        context.res().setStatus(ErrorCode.CANCELLED.httpStatus());
      }
      Connections.cut(context.req(), e);
    } catch (DrainedException e) {
      if (!committed) {
        throw new ProblemException(
            Problem.of(
                ErrorCode.UNAVAILABLE,
                "This instance is shutting down. Request "
                    + accepted.id()
                    + " goes on without it."));
      }
      // An end without its last chunk, so that nobody takes what came for the whole answer.
      exchange.endedAs("drained");
      Connections.cut(context.req(), e);
    } catch (RuntimeException e) {
      if (!committed) {
        throw e;
      }
      exchange.endedAs("error");
      Failures.log(exchange, e);
      Connections.cut(context.req(), e);
    }
  }

  private void clientGone(AcceptedRequest accepted, Exchange exchange) {
    exchange.endedAs("client_gone");
    if (accepted.caller().clientGone() == ClientGone.CANCEL && !accepted.feed().ended()) {
      requests.cancel(accepted.id().toString(), accepted.caller().tenant());
    }
  }
}
