package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.access.Caller;
import dev.tokenbus.ingress.access.InFlightLimiter;
import dev.tokenbus.ingress.http.BodyReader;
import dev.tokenbus.ingress.http.ConnectionWatch;
import dev.tokenbus.ingress.http.RequestBody;
import dev.tokenbus.ingress.http.RequestContext;
import dev.tokenbus.ingress.http.RequestHeaders;
import dev.tokenbus.ingress.protocol.ChatSubmission;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.ingress.replies.live.ReplyBridges;
import dev.tokenbus.ingress.replies.log.ReplyLog;
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
 * Takes a chat request from its body to the end of its response: it appends the request to the log,
 * waits for the replies, and renders them.
 *
 * <p>Thread-safe. Each request runs on a virtual thread of its own and holds no prompt while it
 * waits.
 */
public final class ChatHandler implements Handler {
  private final Dialect dialect;
  private final ResponseSettings settings;
  private final Supplier<Catalogue> catalogue;
  private final Clock clock;
  private final InFlightLimiter limiter;
  private final BodyReader bodies;
  private final BrokerWatch broker;
  private final RequestProducer producer;
  private final ReplyBridges bridges;
  private final ReplyLog replyLog;
  private final ChatResponder responder;
  private final EarlierResponse earlierResponse;

  public ChatHandler(
      Dialect dialect,
      ResponseSettings settings,
      Supplier<Catalogue> catalogue,
      Clock clock,
      InFlightLimiter limiter,
      BodyReader bodies,
      BrokerWatch broker,
      RequestProducer producer,
      ReplyBridges bridges,
      ReplyLog replyLog,
      ChatResponder responder,
      EarlierResponse earlierResponse) {
    this.dialect = dialect;
    this.settings = settings;
    this.catalogue = catalogue;
    this.clock = clock;
    this.limiter = limiter;
    this.bodies = bodies;
    this.broker = broker;
    this.producer = producer;
    this.bridges = bridges;
    this.replyLog = replyLog;
    this.responder = responder;
    this.earlierResponse = earlierResponse;
  }

  @Override
  public void handle(Context context) throws Exception {
    limiter.acquire();
    try {
      Optional<RequestId> earlier = run(context);
      if (earlier.isPresent()) {
        earlierResponse.respond(earlier.get(), context);
      }
    } finally {
      limiter.release();
    }
  }

  /** Returns the earlier request that this one repeats, if it repeats one. */
  private Optional<RequestId> run(Context context) throws IOException, InterruptedException {
    RequestContext requestContext = RequestContext.require(context.req());
    RequestHeaders headers = RequestHeaders.of(context.req());
    ResponseContext response;
    PendingAppend append;
    // A block of its own releases the body before the wait for the response.
    try (RequestBody body = bodies.read(context.req())) {
      ChatSubmission submission = dialect.parse(body.bytes());
      requireModel(submission.request().getModel());
      broker.requireAnswering();
      Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
      RequestId id = RequestId.of(now, bridges.own().partition(), ThreadLocalRandom.current());
      boolean stream = submission.request().getStream();
      requestContext.accepted(id.toString(), submission.request().getModel(), stream);
      response =
          new ResponseContext(
              id,
              dialect,
              rendering(id, requestContext, submission),
              null,
              ReplyFeed.live(id, bridges, replyLog, settings.feed()));
      append =
          producer.append(
              headers.toRecord(
                  id,
                  requestContext,
                  dialect.protocol(),
                  submission,
                  now.plus(settings.deadline()),
                  body),
              response.feed()::refuse);
    }
    try (ReplyFeed feed = response.feed();
        ConnectionWatch watch =
            new ConnectionWatch(context.req(), () -> feed.fail(new ClientGoneException()))) {
      return responder.respond(
          response,
          context,
          new RequestWatchdog(settings.deadline(), append, broker, watch),
          () -> clientGone(response, requestContext.caller()));
    }
  }

  private Rendering rendering(
      RequestId id, RequestContext requestContext, ChatSubmission submission) {
    return Rendering.newBuilder()
        .setTenant(requestContext.caller().tenant())
        .setKeyId(requestContext.caller().keyId())
        .setProtocol(dialect.protocol())
        .setModelAsked(submission.request().getModel())
        .setAcceptedAt(id.acceptedAt())
        .setStream(submission.request().getStream())
        .setIncludeUsage(submission.request().getIncludeUsage())
        .setSession(requestContext.session())
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

  private void clientGone(ResponseContext response, Caller caller) {
    if (caller.clientGone() == ClientGone.CANCEL && !response.feed().ended()) {
      producer.cancel(response.id().toString(), caller.tenant());
    }
  }
}
