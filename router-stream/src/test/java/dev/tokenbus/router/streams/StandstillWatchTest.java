package dev.tokenbus.router.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StandstillWatchTest {
  private final AtomicLong time = new AtomicLong();
  private final StandstillWatch watch = new StandstillWatch(time::get);

  private void pass(Duration passed) {
    time.addAndGet(passed.toNanos());
  }

  @Test
  void countsNothingWhileItTicks() {
    for (int i = 0; i < 100; i++) {
      pass(Duration.ofMillis(900));
      watch.tick();
    }

    assertThat(watch.count()).isZero();
  }

  @Test
  void tellsAStandstillToWhoeverWakesFirst() {
    watch.tick();
    pass(Duration.ofSeconds(5));

    assertThat(watch.count()).isOne();
    watch.tick();
    assertThat(watch.count()).isOne();
  }
}
