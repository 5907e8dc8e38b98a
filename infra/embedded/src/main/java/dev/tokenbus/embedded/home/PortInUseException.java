package dev.tokenbus.embedded.home;

/** A port that was asked for is taken by another process. */
public final class PortInUseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int port;

  PortInUseException(int port, String purpose) {
    super(
        "port "
            + port
            + " on 127.0.0.1, wanted for "
            + purpose
            + ", is in use: stop what listens there or choose another");
    this.port = port;
  }

  /** The port that is taken. */
  public int port() {
    return port;
  }
}
