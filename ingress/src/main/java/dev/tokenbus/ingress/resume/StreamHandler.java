package dev.tokenbus.ingress.resume;

import dev.tokenbus.ingress.access.InFlightLimiter;
import dev.tokenbus.ingress.http.Routes;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.RequestId;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import org.jspecify.annotations.Nullable;

/**
 * Serves the response of an earlier request to a client that lost its connection: from the
 * beginning, or after the event that {@code Last-Event-ID} names. Thread-safe.
 */
public final class StreamHandler implements Handler {
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  private final InFlightLimiter limiter;
  private final Resumption resumption;

  public StreamHandler(InFlightLimiter limiter, Resumption resumption) {
    this.limiter = limiter;
    this.resumption = resumption;
  }

  @Override
  public void handle(Context context) throws Exception {
    limiter.acquire();
    try {
      resumption.respond(id(context.pathParam(Routes.REQUEST_ID)), after(context), context);
    } finally {
      limiter.release();
    }
  }

  private static RequestId id(String text) {
    try {
      return RequestId.parse(text);
    } catch (IllegalArgumentException e) {
      throw Resumption.notFound(text);
    }
  }

  /** A browser that has seen no event sends an empty header. */
  private static @Nullable EventPosition after(Context context) {
    String text = context.req().getHeader(LAST_EVENT_ID);
    if (text == null || text.isBlank()) {
      return null;
    }
    return EventPosition.parse(text.strip())
        .orElseThrow(() ->
            new ProblemException(
                Problem.invalid(
                    "Invalid 'Last-Event-ID' header: expected the id of an event of this"
                        + " stream, such as 1042.3.",
                    LAST_EVENT_ID,
                    "invalid_value")));
  }
}
