package dev.tokenbus.ingress;

import dev.tokenbus.ingress.access.Authentication;
import dev.tokenbus.ingress.access.InFlightLimiter;
import dev.tokenbus.ingress.chat.ChatResponder;
import dev.tokenbus.ingress.chat.DrainedException;
import dev.tokenbus.ingress.chat.RequestAppender;
import dev.tokenbus.ingress.chat.RequestHandler;
import dev.tokenbus.ingress.chat.RequestPreparation;
import dev.tokenbus.ingress.http.BodyReader;
import dev.tokenbus.ingress.http.Cors;
import dev.tokenbus.ingress.http.ErrorResponder;
import dev.tokenbus.ingress.http.HealthHandler;
import dev.tokenbus.ingress.http.HttpServer;
import dev.tokenbus.ingress.http.ModelsHandler;
import dev.tokenbus.ingress.http.Routes;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Dialects;
import dev.tokenbus.ingress.protocol.openai.chat.OpenAiChatDialect;
import dev.tokenbus.ingress.resume.Resumption;
import dev.tokenbus.ingress.resume.StreamHandler;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ingress: it appends HTTP requests to {@code requests} and renders records of {@code replies}
 * as responses. Any number of instances runs side by side; each reads one partition of {@code
 * replies}.
 *
 * <p>Thread-safe.
 */
public final class IngressApp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IngressApp.class);

  /** Every dialect that clients may speak; the first one also answers what no route claims. */
  private static final List<Dialect> DIALECTS = List.of(new OpenAiChatDialect());

  /** How long cut-off requests may take to end. */
  private static final Duration CUT_OFF = Duration.ofSeconds(2);

  private final IngressSettings settings;
  private final LogConnections log;
  private final RequestPreparation preparation;
  private final InFlightLimiter limiter;
  private final HealthHandler health;
  private final HttpServer http;

  private IngressApp(
      AppContext context, IngressSettings settings, List<Dialect> dialects, LogConnections log) {
    this.settings = settings;
    this.log = log;
    limiter = new InFlightLimiter(settings.maxInFlight());
    health =
        new HealthHandler(log.broker(), log.replyLog()::ready, context.catalogue()::ready, limiter);
    preparation =
        new RequestPreparation(
            context.catalogue()::current,
            () -> context.catalogue().current().formatLevel(),
            context.schemas().serializer());
    http = serve(context, new Dialects(dialects));
  }

  /**
   * Starts serving. Requests are refused with 503 until {@link #ready()}.
   *
   * @throws io.javalin.util.JavalinBindException if the port is taken
   */
  public static IngressApp start(AppContext context, IngressSettings settings) {
    return start(context, settings, DIALECTS);
  }

  /** As {@link #start(AppContext, IngressSettings)}, with dialects of the caller's choice. */
  static IngressApp start(AppContext context, IngressSettings settings, List<Dialect> dialects) {
    LogConnections log = LogConnections.open(context, settings.instanceId());
    try {
      IngressApp app = new IngressApp(context, settings, dialects, log);
      LOG.atInfo()
          .addKeyValue("url", app.url())
          .addKeyValue("instance", settings.instanceId())
          .addKeyValue("reply_partition", log.bridges().own().partition())
          .log("ingress started");
      return app;
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private HttpServer serve(AppContext context, Dialects dialects) {
    Supplier<Catalogue> catalogue = context.catalogue()::current;
    Clock clock = context.clock();
    Routes routes =
        new Routes(
            clock,
            new Cors(settings.allowedOrigins()),
            new Authentication(catalogue, clock),
            dialects,
            new ErrorResponder(dialects.fallback()));
    ChatResponder responder = new ChatResponder(settings.response());
    Resumption resumption =
        new Resumption(
            dialects,
            settings.response(),
            clock,
            log.broker(),
            log.bridges(),
            log.replyLog(),
            responder);
    RequestHandler requests =
        new RequestHandler(
            settings.response(),
            clock,
            limiter,
            new BodyReader(
                settings.maxBodyBytes(), settings.deadline(), Runtime.getRuntime().maxMemory()),
            preparation,
            log.broker(),
            new RequestAppender(log.bodies(), log.requests(), clock),
            log.bridges(),
            log.replyLog(),
            responder,
            (earlier, response) -> resumption.respond(earlier, null, response));
    return HttpServer.start(
        settings.host(),
        settings.port(),
        settings.linger(),
        config ->
            routes.register(
                config.routes,
                requests,
                new StreamHandler(limiter, resumption),
                new ModelsHandler(catalogue),
                health));
  }

  /** The base URL for a client on the same machine. */
  public URI url() {
    return URI.create("http://" + settings.host() + ":" + http.port());
  }

  public int port() {
    return http.port();
  }

  public boolean ready() {
    return health.ready();
  }

  /**
   * Drains: refuses new requests, lets those in flight finish within {@link IngressSettings#drain},
   * then cuts off the rest. The router and the workers complete accepted requests without this
   * instance.
   */
  @Override
  public void close() {
    http.drain();
    limiter.close();
    try {
      if (!limiter.awaitIdle(settings.drain())) {
        LOG.atInfo().addKeyValue("in_flight", limiter.inFlight()).log("ingress cuts off streams");
        log.bridges().failAll(new DrainedException());
        limiter.awaitIdle(CUT_OFF);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
    preparation.close();
    log.close();
    LOG.atInfo().log("ingress stopped");
  }
}
