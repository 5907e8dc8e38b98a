package dev.tokenbus.ingress.replies;

/**
 * A reply of the request is in the log, but a newer version wrote it and this one cannot decode it.
 */
public final class UnreadableReplyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableReplyException() {
    super("A newer version has written a reply that this one cannot decode", null, false, false);
  }
}
