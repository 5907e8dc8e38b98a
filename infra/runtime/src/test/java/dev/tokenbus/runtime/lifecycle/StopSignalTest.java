package dev.tokenbus.runtime.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StopSignalTest {
  private static final Duration SOON = Duration.ofMillis(200);

  @Test
  void holdsTheProcessUntilEverythingIsClosed() throws InterruptedException {
    StopSignal signal = new StopSignal(Duration.ofMinutes(1));
    Thread end = Thread.ofPlatform().start(signal::hold);
    signal.await();

    assertThat(end.join(SOON)).as("the process has ended").isFalse();
    signal.close();

    assertThat(end.join(Duration.ofSeconds(10))).as("the process has ended").isTrue();
  }

  @Test
  void endsAllTheSameWhenTheLimitHasPassed() throws InterruptedException {
    StopSignal signal = new StopSignal(Duration.ofMillis(1));
    Thread end = Thread.ofPlatform().start(signal::hold);

    assertThat(end.join(Duration.ofSeconds(10))).as("the process has ended").isTrue();
    assertThat(signal.received()).isTrue();
  }

  @Test
  void holdsTheProcessForAsLongAsItsPartsNeed() throws InterruptedException {
    StopSignal signal = new StopSignal(Duration.ofMillis(1));
    signal.limit(Duration.ofMinutes(1));
    Thread end = Thread.ofPlatform().start(signal::hold);

    assertThat(end.join(SOON)).as("the process has ended").isFalse();
    signal.close();
    end.join();
  }
}
