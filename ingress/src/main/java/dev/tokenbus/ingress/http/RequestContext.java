package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.access.Caller;
import dev.tokenbus.ingress.protocol.Dialect;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one HTTP request, for the headers of its response and its access log line. It
 * never holds a body or a key. Confined to the request's thread.
 */
public final class RequestContext {
  private static final String ATTRIBUTE = RequestContext.class.getName();

  private final long startedAt = System.nanoTime();
  private String requestId;
  private final String session;
  private Dialect dialect;
  private @Nullable Caller caller;
  private @Nullable String model;
  private boolean streamed;
  private long firstByteAt;
  private @Nullable String ending;

  private RequestContext(String requestId, String session, Dialect dialect) {
    this.requestId = requestId;
    this.session = session;
    this.dialect = dialect;
  }

  static RequestContext begin(
      HttpServletRequest request, String requestId, String session, Dialect dialect) {
    RequestContext requestContext = new RequestContext(requestId, session, dialect);
    request.setAttribute(ATTRIBUTE, requestContext);
    return requestContext;
  }

  /** Null before {@link #begin}. */
  static @Nullable RequestContext of(HttpServletRequest request) {
    return (RequestContext) request.getAttribute(ATTRIBUTE);
  }

  public static RequestContext require(HttpServletRequest request) {
    RequestContext requestContext = of(request);
    if (requestContext == null) {
      throw new IllegalStateException("The request context has not been created");
    }
    return requestContext;
  }

  String requestId() {
    return requestId;
  }

  public void accepted(String newRequestId, String askedModel, boolean stream) {
    requestId = newRequestId;
    model = askedModel;
    streamed = stream;
  }

  public String session() {
    return session;
  }

  /** The dialect that the request speaks, as far as it is known. */
  public Dialect dialect() {
    return dialect;
  }

  /** Notes that the response is one of an earlier request, in the dialect of that one. */
  public void speaks(Dialect earlier) {
    dialect = earlier;
  }

  public Caller caller() {
    if (caller == null) {
      throw new IllegalStateException("The caller is not known yet");
    }
    return caller;
  }

  @Nullable Caller callerIfKnown() {
    return caller;
  }

  void authenticated(Caller recognised) {
    caller = recognised;
  }

  @Nullable String model() {
    return model;
  }

  boolean streamed() {
    return streamed;
  }

  /** Notes the time at which the first byte of the body is written. */
  public void firstByte() {
    if (firstByteAt == 0) {
      firstByteAt = System.nanoTime();
    }
  }

  /** Notes how the request ended where the status does not tell. */
  public void endedAs(String word) {
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
