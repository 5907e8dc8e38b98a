package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.ErrorResponse;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes error responses in the client's dialect. Thread-safe. */
public final class ErrorResponder {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorResponder.class);

  private final Dialect fallback;

  /**
   * Creates a responder.
   *
   * @param fallback the dialect for requests that are refused before theirs is known
   */
  public ErrorResponder(Dialect fallback) {
    this.fallback = fallback;
  }

  void respond(ProblemException exception, Context context) {
    respond(exception.problem(), context);
  }

  /** An error of ours: the client gets the request's id, the log gets the exception. */
  void respond(Exception exception, Context context) {
    if (exception instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    RequestContext requestContext = RequestContext.of(context.req());
    log(requestContext, exception);
    respond(
        Problem.of(
            ErrorCode.INTERNAL,
            "The server had an error while processing your request"
                + (requestContext == null
                    ? "."
                    : " (request id " + requestContext.requestId() + ").")),
        context);
  }

  /** The client went away or was too slow while its request was being read. */
  void respond(IOException exception, Context context) {
    RequestContext requestContext = RequestContext.of(context.req());
    if (requestContext != null) {
      requestContext.endedAs("client_gone");
    }
    respond(
        Problem.invalid("The request ended before its body was complete.", null, null), context);
  }

  void respond(Problem problem, Context context) {
    HttpServletResponse response = context.res();
    if (response.isCommitted()) {
      Connections.cut(context.req(), new IllegalStateException(problem.message()));
      return;
    }
    RequestContext requestContext = RequestContext.of(context.req());
    Dialect dialect = requestContext == null ? fallback : requestContext.dialect();
    ErrorResponse error = dialect.error(problem);
    response.resetBuffer();
    response.setStatus(error.status());
    response.setContentType(error.contentType());
    response.setContentLength(error.body().length);
    if (problem.retryAfter() != null) {
      long seconds = Math.max(1, (problem.retryAfter().toMillis() + 999) / 1000);
      response.setHeader(Headers.RETRY_AFTER, Long.toString(seconds));
    }
    error.headers().forEach(response::setHeader);
    if (error.status() == 401) {
      response.setHeader("WWW-Authenticate", "Bearer");
    }
    try {
      boolean endless = problem.code() == ErrorCode.REQUEST_TIMEOUT;
      if (endless) {
        response.setHeader("Connection", "close");
      }
      response.getOutputStream().write(error.body());
      response.flushBuffer();
      if (!endless) {
        BodyReader.discard(context.req());
      }
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("client left before its error response");
    }
  }

  public static void log(@Nullable RequestContext requestContext, Throwable failure) {
    LOG.atError()
        .addKeyValue("request_id", requestContext == null ? null : requestContext.requestId())
        .setCause(failure)
        .log("request failed unexpectedly");
  }
}
