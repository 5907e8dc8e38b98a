package dev.tokenbus.projections.store;

/** The process, or the broker behind the dead letters, died in the middle of a transaction. */
final class SimulatedCrash extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SimulatedCrash() {
    super("simulated crash");
  }
}
