package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.access.Authentication;
import dev.tokenbus.ingress.protocol.Dialects;
import dev.tokenbus.ingress.protocol.PathTemplate;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Registers the routes of the dialects and Tokenbus' own ones, and what runs before each of them:
 * the request id, CORS, and authentication, which only health checks and preflights do without.
 * Thread-safe.
 */
public final class Routes {
  /** The path parameter that names an earlier request. */
  public static final String REQUEST_ID = "requestId";

  private static final String HEALTH = "/health";
  private static final String STREAM = "/v1/streams/{" + REQUEST_ID + "}";
  private static final List<PathTemplate> OWN =
      List.of(
          new PathTemplate(HEALTH),
          new PathTemplate(HEALTH + "/live"),
          new PathTemplate(HEALTH + "/ready"),
          new PathTemplate(STREAM));

  private final Clock clock;
  private final Cors cors;
  private final Authentication authentication;
  private final Dialects dialects;
  private final ErrorResponder errors;

  public Routes(
      Clock clock,
      Cors cors,
      Authentication authentication,
      Dialects dialects,
      ErrorResponder errors) {
    this.clock = clock;
    this.cors = cors;
    this.authentication = authentication;
    this.dialects = dialects;
    this.errors = errors;
  }

  public void register(
      RoutesConfig routes,
      SubmitHandler submit,
      Handler streams,
      ModelsHandler models,
      HealthHandler health) {
    routes.before(this::before);
    routes.get(HEALTH, health::health);
    routes.get(HEALTH + "/live", health::live);
    routes.get(HEALTH + "/ready", health::ready);
    routes.get(STREAM, streams);
    Set<String> registered = new HashSet<>();
    for (Dialects.Served served : dialects.routes()) {
      Route route = served.route();
      String path = route.path().toString();
      if (registered.add(route.method() + " " + path)) {
        Handler handler = context -> serve(context, submit, models);
        switch (route) {
          case Route.Submit post -> routes.post(path, handler);
          case Route.ListModels get -> routes.get(path, handler);
          case Route.GetModel get -> routes.get(path, handler);
        }
      }
    }
    routes.exception(ProblemException.class, errors::respond);
    routes.exception(HttpResponseException.class, (e, context) -> notRouted(context));
    routes.exception(IOException.class, errors::respond);
    routes.exception(Exception.class, errors::respond);
  }

  static boolean isHealth(String path) {
    return path.equals(HEALTH) || path.startsWith(HEALTH + "/");
  }

  /** Dialects may share a path, so the head decides which of them serves a request. */
  private void serve(Context context, SubmitHandler submit, ModelsHandler models) throws Exception {
    Dialects.Served served =
        dialects.serving(new ServletRequestHead(context)).orElseThrow(NotFoundResponse::new);
    switch (served.route()) {
      case Route.Submit route -> submit.submit(context, served.dialect(), route);
      case Route.ListModels route -> models.list(context, route);
      case Route.GetModel route -> models.one(context, route);
    }
  }

  private void before(Context context) {
    if (isHealth(context.path())) {
      return;
    }
    RequestContext requestContext =
        RequestContext.begin(
            context.req(),
            RequestId.of(clock.instant(), 0, ThreadLocalRandom.current()).toString(),
            RequestHeaders.session(context.req()),
            dialects.speaking(new ServletRequestHead(context)));
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
    if (methods.isEmpty() || methods.contains(context.req().getMethod())) {
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

  /** The methods a path takes; empty if it is not served. */
  private Set<String> methods(String path) {
    Set<String> methods = new TreeSet<>(dialects.methods(path));
    if (OWN.stream().anyMatch(own -> own.matches(path))) {
      methods.add("GET");
    }
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    if (!methods.isEmpty()) {
      methods.add("OPTIONS");
    }
    return methods;
  }
}
