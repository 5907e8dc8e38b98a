package dev.tokenbus.ingress.http;

/** The names of Tokenbus' own headers and of those that several classes use. */
public final class Headers {
  public static final String REQUEST_ID = "X-Request-Id";
  public static final String SESSION_ID = "X-Session-ID";
  static final String RETRY_AFTER = "Retry-After";

  private Headers() {}
}
