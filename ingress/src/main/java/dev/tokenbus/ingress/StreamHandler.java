package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.RequestId;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an earlier request, for a client that lost its connection: from the beginning, or
 * after the event that {@code Last-Event-ID} names. Thread-safe.
 */
final class StreamHandler implements Handler {
  static final String ID = "requestId";
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  private final Gate gate;
  private final Resumption resumption;

  StreamHandler(Gate gate, Resumption resumption) {
    this.gate = gate;
    this.resumption = resumption;
  }

  @Override
  public void handle(Context context) throws Exception {
    gate.enter();
    try {
      resumption.answer(id(context.pathParam(ID)), after(context), context);
    } finally {
      gate.leave();
    }
  }

  private static RequestId id(String text) {
    try {
      return RequestId.parse(text);
    } catch (IllegalArgumentException e) {
      throw Resumption.notFound(text);
    }
  }

  /** Browsers send the header empty where they have seen no event. */
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
