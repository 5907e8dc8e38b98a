package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever went wrong into an answer in the client's dialect. Thread-safe. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private final Dialect dialect;

  Failures(Dialect dialect) {
    this.dialect = dialect;
  }

  void answer(ProblemException exception, Context context) {
    answer(exception.problem(), context);
  }

  /** A fault of ours: the client learns the request's id, the log the rest. */
  void answer(Exception exception, Context context) {
    if (exception instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    Exchange exchange = Exchange.of(context.req());
    log(exchange, exception);
    answer(
        Problem.of(
            ErrorCode.INTERNAL,
            "The server had an error while processing your request"
                + (exchange == null ? "." : " (request id " + exchange.requestId() + ").")),
        context);
  }

  /** The client went away, or was too slow, while its request was being read. */
  void answer(IOException exception, Context context) {
    Exchange exchange = Exchange.of(context.req());
    if (exchange != null) {
      exchange.endedAs("client_gone");
    }
    answer(Problem.invalid("The request ended before its body was complete.", null, null), context);
  }

  void answer(Problem problem, Context context) {
    HttpServletResponse response = context.res();
    if (response.isCommitted()) {
      Connections.cut(context.req(), new IllegalStateException(problem.message()));
      return;
    }
    int status = problem.code().httpStatus();
    byte[] body = dialect.error(problem);
    response.resetBuffer();
    response.setStatus(status);
    response.setContentType("application/json");
    response.setContentLength(body.length);
    if (problem.retryAfter() != null) {
      long seconds = Math.max(1, (problem.retryAfter().toMillis() + 999) / 1000);
      response.setHeader(Headers.RETRY_AFTER, Long.toString(seconds));
    }
    if (isRetriedByClients(status) && !problem.code().retryable()) {
      // OpenAI's SDKs retry these statuses unless they are told not to.
      response.setHeader("x-should-retry", "false");
    }
    if (status == 401) {
      response.setHeader("WWW-Authenticate", "Bearer");
    }
    try {
      response.getOutputStream().write(body);
      response.flushBuffer();
      BodyReader.discard(context.req());
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("client gone before its error answer");
    }
  }

  static void log(@Nullable Exchange exchange, Throwable failure) {
    LOG.atError()
        .addKeyValue("request_id", exchange == null ? null : exchange.requestId())
        .setCause(failure)
        .log("request failed unexpectedly");
  }

  private static boolean isRetriedByClients(int status) {
    return status == 408 || status == 409 || status == 429 || status >= 500;
  }
}
