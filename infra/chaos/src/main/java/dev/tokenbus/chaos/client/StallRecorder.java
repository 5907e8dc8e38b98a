package dev.tokenbus.chaos.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Records how long a client waited for the next token. Not thread-safe. */
final class StallRecorder {
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final List<Duration> recorded = new ArrayList<>();
  private long last = System.nanoTime();

  /** Call this for every token that arrives. */
  void progressed() {
    long now = System.nanoTime();
    Duration stall = Duration.ofNanos(now - last);
    if (stall.compareTo(SHORTEST) > 0) {
      recorded.add(stall);
    }
    last = now;
  }

  List<Duration> recorded() {
    return List.copyOf(recorded);
  }
}
