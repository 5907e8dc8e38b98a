package dev.tokenbus.chaos.fleet;

/** What came of asking a process to stop. */
public enum StopOutcome {
  /** There was nothing to stop. */
  NOT_RUNNING,
  /** It has stopped by itself. */
  STOPPED,
  /** It did not stop in time. */
  HUNG
}
