package dev.tokenbus.ingress.chat;

/** The instance is stopping and cuts off the request, which goes on without it. */
public final class DrainedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DrainedException() {
    super("The instance is being stopped", null, false, false);
  }
}
