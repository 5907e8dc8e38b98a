package dev.tokenbus.workers.attempt;

/**
 * Identifies the worker in its records.
 *
 * @param workerId unique among the workers that live
 * @param epoch start time in milliseconds: tells two lives of one worker apart
 */
public record WorkerIdentity(String workerId, long epoch) {
  public WorkerIdentity {
    if (workerId.isBlank()) {
      throw new IllegalArgumentException("A worker needs an id");
    }
  }
}
