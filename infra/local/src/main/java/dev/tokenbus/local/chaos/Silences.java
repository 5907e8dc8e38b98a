package dev.tokenbus.local.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Notes how long a client has waited for something new. Not thread-safe. */
final class Silences {
  private static final Duration WORTH_NOTING = Duration.ofSeconds(1);

  private final List<Duration> noted = new ArrayList<>();
  private long last = System.nanoTime();

  /** Something new has come. */
  void broken() {
    long now = System.nanoTime();
    Duration silence = Duration.ofNanos(now - last);
    if (silence.compareTo(WORTH_NOTING) > 0) {
      noted.add(silence);
    }
    last = now;
  }

  List<Duration> noted() {
    return List.copyOf(noted);
  }
}
