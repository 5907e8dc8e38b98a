package dev.tokenbus.ingress;

/** The instance is being stopped and waits no longer for the request, which goes on without it. */
final class DrainedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DrainedException() {
    super("The instance is being stopped", null, false, false);
  }
}
