package dev.tokenbus.local;

import java.time.Duration;
import java.util.Locale;

/** Tells a person what is going on. Implementations are thread-safe. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress SILENT = _ -> {};

  /** Tells one line. */
  void say(String line);

  /**
   * Tells that something is done.
   *
   * @param detail what came out; may be empty
   */
  default void done(String what, Duration took, String detail) {
    say(
        String.format(Locale.ROOT, "  %-16s %5.1f s   %s", what, took.toMillis() / 1e3, detail)
            .stripTrailing());
  }
}
