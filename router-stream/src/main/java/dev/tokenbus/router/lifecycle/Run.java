package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AttemptEvent;

/**
 * One worker's execution of an attempt.
 *
 * @param claim random number that tells two runs of one attempt apart
 * @param workerEpoch start time of the worker process in milliseconds: tells two lives of one
 *     worker apart
 */
public record Run(long claim, String workerId, long workerEpoch) {
  static Run of(AttemptEvent event) {
    return new Run(event.getClaim(), event.getWorkerId(), event.getWorkerEpoch());
  }
}
