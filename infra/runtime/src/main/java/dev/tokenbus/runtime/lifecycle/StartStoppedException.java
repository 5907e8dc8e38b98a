package dev.tokenbus.runtime.lifecycle;

/** The process was asked to stop before its start was complete. */
public final class StartStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartStoppedException() {
    super("stopped before the start was complete");
  }
}
