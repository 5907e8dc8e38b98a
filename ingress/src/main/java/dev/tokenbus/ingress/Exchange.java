package dev.tokenbus.ingress;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one HTTP request, for its answer's headers and its log line. Never holds a
 * body or a key. Of the request's thread alone.
 */
final class Exchange {
  private static final String ATTRIBUTE = Exchange.class.getName();

  private final long startedAt = System.nanoTime();
  private String requestId;
  private String session;
  private @Nullable Caller caller;
  private @Nullable String model;
  private boolean streamed;
  private long firstByteAt;
  private @Nullable String ending;

  private Exchange(String requestId, String session) {
    this.requestId = requestId;
    this.session = session;
  }

  static Exchange begin(HttpServletRequest request, String requestId, String session) {
    Exchange exchange = new Exchange(requestId, session);
    request.setAttribute(ATTRIBUTE, exchange);
    return exchange;
  }

  /** Null before {@link #begin}. */
  static @Nullable Exchange of(HttpServletRequest request) {
    return (Exchange) request.getAttribute(ATTRIBUTE);
  }

  static Exchange require(HttpServletRequest request) {
    Exchange exchange = of(request);
    if (exchange == null) {
      throw new IllegalStateException("The exchange has not begun");
    }
    return exchange;
  }

  String requestId() {
    return requestId;
  }

  void accepted(String newRequestId, String askedModel, boolean stream) {
    requestId = newRequestId;
    model = askedModel;
    streamed = stream;
  }

  String session() {
    return session;
  }

  Caller caller() {
    if (caller == null) {
      throw new IllegalStateException("The caller is not known yet");
    }
    return caller;
  }

  @Nullable Caller callerIfKnown() {
    return caller;
  }

  void recognised(Caller recognised) {
    caller = recognised;
  }

  @Nullable String model() {
    return model;
  }

  boolean streamed() {
    return streamed;
  }

  /** The first byte of the answer's body goes out now. */
  void firstByte() {
    if (firstByteAt == 0) {
      firstByteAt = System.nanoTime();
    }
  }

  /** How it ended where the status does not tell. */
  void endedAs(String word) {
    ending = word;
  }

  @Nullable String ending() {
    return ending;
  }

  long durationMillis() {
    return (System.nanoTime() - startedAt) / 1_000_000;
  }

  /** Milliseconds to the first byte; -1 if none went out. */
  long firstByteMillis() {
    return firstByteAt == 0 ? -1 : (firstByteAt - startedAt) / 1_000_000;
  }
}
