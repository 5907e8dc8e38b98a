package dev.tokenbus.bench.http;

import java.io.Serial;

/** The peer sent something that is not HTTP/1.1, or more than is allowed. */
public final class HttpFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;

  HttpFormatException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The status a server answers it with. */
  public int status() {
    return status;
  }
}
