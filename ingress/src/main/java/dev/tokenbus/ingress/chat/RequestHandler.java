package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.access.Caller;
import dev.tokenbus.ingress.access.InFlightLimiter;
import dev.tokenbus.ingress.http.BodyReader;
import dev.tokenbus.ingress.http.ConnectionWatch;
import dev.tokenbus.ingress.http.RequestBody;
import dev.tokenbus.ingress.http.RequestContext;
import dev.tokenbus.ingress.http.RequestHeaders;
import dev.tokenbus.ingress.http.ServletRequestHead;
import dev.tokenbus.ingress.http.SubmitHandler;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.ingress.replies.live.ReplyBridges;
import dev.tokenbus.ingress.replies.log.ReplyLog;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.ClientGone;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Takes a request of any dialect from its body to the end of its response: it appends the request
 * to the log, waits for the replies, and renders them.
 *
 * <p>Thread-safe. Each request runs on a virtual thread of its own and holds no prompt while it
 * waits.
 */
public final class RequestHandler implements SubmitHandler {
  private final ResponseSettings settings;
  private final Clock clock;
  private final InFlightLimiter limiter;
  private final BodyReader bodies;
  private final RequestPreparation preparation;
  private final BrokerWatch broker;
  private final RequestAppender appender;
  private final ReplyBridges bridges;
  private final ReplyLog replyLog;
  private final ChatResponder responder;
  private final EarlierResponse earlierResponse;

  public RequestHandler(
      ResponseSettings settings,
      Clock clock,
      InFlightLimiter limiter,
      BodyReader bodies,
      RequestPreparation preparation,
      BrokerWatch broker,
      RequestAppender appender,
      ReplyBridges bridges,
      ReplyLog replyLog,
      ChatResponder responder,
      EarlierResponse earlierResponse) {
    this.settings = settings;
    this.clock = clock;
    this.limiter = limiter;
    this.bodies = bodies;
    this.preparation = preparation;
    this.broker = broker;
    this.appender = appender;
    this.bridges = bridges;
    this.replyLog = replyLog;
    this.responder = responder;
    this.earlierResponse = earlierResponse;
  }

  @Override
  public void submit(Context context, Dialect dialect, Route.Submit route) throws Exception {
    limiter.acquire();
    try {
      Optional<RequestId> earlier = run(context, dialect, route);
      if (earlier.isPresent()) {
        earlierResponse.respond(earlier.get(), context);
      }
    } finally {
      limiter.release();
    }
  }

  /** Returns the earlier request that this one repeats, if it repeats one. */
  private Optional<RequestId> run(Context context, Dialect dialect, Route.Submit route)
      throws IOException, InterruptedException {
    RequestContext requestContext = RequestContext.require(context.req());
    RequestHeaders headers = RequestHeaders.of(context.req());
    ResponseContext response;
    PendingAppend append;
    // A block of its own releases the body before the wait for the response.
    try (RequestBody body = bodies.read(context.req())) {
      PreparedRequest prepared =
          preparation.prepare(
              requestContext.caller(),
              dialect,
              route,
              new ServletRequestHead(context, route.path()),
              body,
              headers.idempotencyKey() != null);
      broker.requireAnswering();
      Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
      RequestId id = RequestId.of(now, bridges.own().partition(), ThreadLocalRandom.current());
      AcceptedRecord accepted =
          new AcceptedRecord(id, dialect.protocol(), requestContext, headers, prepared);
      requestContext.accepted(id.toString(), prepared.header().model(), prepared.header().stream());
      response =
          new ResponseContext(
              id,
              dialect,
              accepted.rendering(),
              null,
              ReplyFeed.live(id, bridges, replyLog, settings.feed()));
      append = append(context, accepted, now.plus(settings.deadline()), response.feed());
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

  private PendingAppend append(
      Context context, AcceptedRecord accepted, Instant deadline, ReplyFeed feed)
      throws InterruptedException {
    long repliesFrom = bridges.own().position();
    boolean appended = false;
    try {
      PendingAppend append =
          appender.append(context, accepted, deadline, repliesFrom, feed::refuse);
      appended = true;
      return append;
    } finally {
      if (!appended) {
        feed.close();
      }
    }
  }

  private void clientGone(ResponseContext response, Caller caller) {
    if (caller.clientGone() == ClientGone.CANCEL && !response.feed().ended()) {
      appender.cancel(response.id().toString(), caller.tenant());
    }
  }
}
