package dev.tokenbus.local.chaos;

import java.time.Duration;
import java.util.List;

/**
 * How a job went.
 *
 * @param interruptions how often the connection broke or the answer was a refusal
 * @param silences how long nothing came each time when it was longer than a second
 * @param detail in words; empty when all is well
 */
record JobResult(
    Job job, Ending ending, int interruptions, List<Duration> silences, String detail) {
  /** How a job can end. */
  enum Ending {
    /** The right text, to the letter. */
    RIGHT,
    /** A text that differs, or one that ends too early and looks finished. */
    WRONG_TEXT,
    /** A clear error that says that asking again is of no use. */
    FAILED,
    /** No end in time. */
    LOST,
    /** The client has gone away, as it was told to. */
    DESERTED
  }

  JobResult {
    silences = List.copyOf(silences);
  }
}
