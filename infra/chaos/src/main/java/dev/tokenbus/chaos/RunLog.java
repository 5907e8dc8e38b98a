package dev.tokenbus.chaos;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/** Prints what happens, with the time since the beginning. Thread-safe. */
final class RunLog {
  private final PrintStream out;
  private final InstantSource clock;
  private final Instant begin;

  RunLog(PrintStream out, InstantSource clock) {
    this.out = out;
    this.clock = clock;
    begin = clock.instant();
  }

  void say(String what) {
    double seconds = Duration.between(begin, clock.instant()).toMillis() / 1000.0;
    out.println(String.format(Locale.ROOT, "%8.3f  %s", seconds, what));
  }
}
