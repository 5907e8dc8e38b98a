package dev.tokenbus.workers;

/**
 * Who writes.
 *
 * @param workerId unique among the workers that live
 * @param epoch start time in milliseconds: tells two lives of one worker apart
 */
record WorkerIdentity(String workerId, long epoch) {
  WorkerIdentity {
    if (workerId.isBlank()) {
      throw new IllegalArgumentException("A worker needs an id");
    }
  }
}
