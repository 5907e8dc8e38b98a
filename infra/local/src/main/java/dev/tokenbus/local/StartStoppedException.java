package dev.tokenbus.local;

/** Somebody asked to stop before the start was complete. */
public final class StartStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartStoppedException() {
    super("stopped before the start was complete");
  }
}
