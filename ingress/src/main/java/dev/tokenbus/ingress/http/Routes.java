package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.access.Authentication;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Registers the routes and what runs before each of them: the request id, CORS, and authentication,
 * which only health checks and preflights do without. Thread-safe.
 */
public final class Routes {
  private static final String HEALTH = "/health";
  private static final String CHAT = "/v1/chat/completions";
  private static final String STREAMS = "/v1/streams";
  private static final String MODELS = "/v1/models";

  /** The path parameter that names an earlier request. */
  public static final String REQUEST_ID = "requestId";

  private final Clock clock;
  private final Cors cors;
  private final Authentication authentication;
  private final ErrorResponder errors;

  public Routes(Clock clock, Cors cors, Authentication authentication, ErrorResponder errors) {
    this.clock = clock;
    this.cors = cors;
    this.authentication = authentication;
    this.errors = errors;
  }

  public void register(
      RoutesConfig routes,
      Handler chat,
      Handler streams,
      ModelsHandler models,
      HealthHandler health) {
    routes.before(this::before);
    routes.get(HEALTH, health::health);
    routes.get(HEALTH + "/live", health::live);
    routes.get(HEALTH + "/ready", health::ready);
    routes.post(CHAT, chat);
    routes.get(STREAMS + "/{" + REQUEST_ID + "}", streams);
    routes.get(MODELS, models::list);
    // Names of models may contain slashes.
    routes.get(MODELS + "/<" + ModelsHandler.NAME + ">", models::one);
    routes.exception(ProblemException.class, errors::respond);
    routes.exception(HttpResponseException.class, (e, context) -> notRouted(context));
    routes.exception(IOException.class, errors::respond);
    routes.exception(Exception.class, errors::respond);
  }

  static boolean isHealth(String path) {
    return path.equals(HEALTH) || path.startsWith(HEALTH + "/");
  }

  private void before(Context context) {
    if (isHealth(context.path())) {
      return;
    }
    RequestContext requestContext =
        RequestContext.begin(
            context.req(),
            RequestId.of(clock.instant(), 0, ThreadLocalRandom.current()).toString(),
            RequestHeaders.session(context.req()));
    context.res().setHeader(Headers.REQUEST_ID, requestContext.requestId());
    context.res().setHeader(Headers.SESSION_ID, requestContext.session());
    cors.apply(context.req(), context.res());
    if (context.req().getMethod().equals("OPTIONS")) {
      String methods = String.join(", ", methods(context.path()));
      cors.preflight(context.req(), context.res(), methods);
      context.res().setHeader("Allow", methods);
      context.status(204);
      context.skipRemainingHandlers();
      return;
    }
    requestContext.authenticated(authentication.caller(context.req()));
  }

  private void notRouted(Context context) {
    Set<String> methods = methods(context.path());
    if (methods.isEmpty()) {
      errors.respond(
          Problem.of(
              ErrorCode.NOT_FOUND,
              "Unknown request URL: %s %s. See the README for the routes that are served."
                  .formatted(context.req().getMethod(), context.path())),
          context);
    } else {
      context.res().setHeader("Allow", String.join(", ", methods));
      errors.respond(
          Problem.of(
              ErrorCode.METHOD_NOT_ALLOWED,
              "%s takes %s, but the request came with %s."
                  .formatted(
                      context.path(), String.join(", ", methods), context.req().getMethod())),
          context);
    }
  }

  private static boolean isStream(String path) {
    int id = STREAMS.length() + 1;
    return path.startsWith(STREAMS + "/") && path.length() > id && path.indexOf('/', id) < 0;
  }

  /** The methods a path takes; empty if it is not served. */
  private static Set<String> methods(String path) {
    if (path.equals(CHAT)) {
      return new TreeSet<>(List.of("OPTIONS", "POST"));
    }
    boolean get =
        path.equals(MODELS)
            || path.startsWith(MODELS + "/")
            || isStream(path)
            || path.equals(HEALTH)
            || path.equals(HEALTH + "/live")
            || path.equals(HEALTH + "/ready");
    return get ? new TreeSet<>(List.of("GET", "HEAD", "OPTIONS")) : Set.of();
  }
}
