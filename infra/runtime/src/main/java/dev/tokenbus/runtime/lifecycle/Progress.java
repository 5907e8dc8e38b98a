package dev.tokenbus.runtime.lifecycle;

import java.time.Duration;
import java.util.Locale;

/** Tells people what a process is doing. Implementations are thread-safe. */
@FunctionalInterface
public interface Progress {
  /** Prints nothing. */
  Progress SILENT = _ -> {};

  /** Prints one line. */
  void say(String line);

  /**
   * Prints that a step is done.
   *
   * @param detail the result; may be empty
   */
  default void done(String what, Duration took, String detail) {
    say(
        String.format(Locale.ROOT, "  %-16s %5.1f s   %s", what, took.toMillis() / 1e3, detail)
            .stripTrailing());
  }
}
