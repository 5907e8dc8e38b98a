package dev.tokenbus.runtime.requests;

/** A reply of the request was written by a newer version; the request itself goes on. */
public final class UnreadableReplyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableReplyException(String requestId, Throwable cause) {
    super("A reply of request " + requestId + " cannot be read by this version", cause);
  }
}
