package dev.tokenbus.runtime.lifecycle;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A part that can be started.
 *
 * @param name for people
 * @param start returns when the part runs
 * @param stopLimit how long its stop takes at most; a process must not end before
 */
public record Part(String name, Supplier<RunningPart> start, Duration stopLimit) {
  /** An ingress lets its streams finish for this long at most; the others are faster. */
  public static final Duration USUAL_STOP_LIMIT = Duration.ofSeconds(45);

  /** A part that stops within {@link #USUAL_STOP_LIMIT}. */
  public Part(String name, Supplier<RunningPart> start) {
    this(name, start, USUAL_STOP_LIMIT);
  }
}
