package dev.tokenbus.ingress;

/** Names of the headers that are Tokenbus' own, or are used in more than one place. */
final class Headers {
  static final String REQUEST_ID = "X-Request-Id";
  static final String SESSION_ID = "X-Session-ID";
  static final String RETRY_AFTER = "Retry-After";

  private Headers() {}
}
