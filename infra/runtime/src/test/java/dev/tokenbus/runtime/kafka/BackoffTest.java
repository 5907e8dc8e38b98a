package dev.tokenbus.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesUpToItsMost() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    assertThat(backoff.after(1)).hasMillis(100);
    assertThat(backoff.after(2)).hasMillis(200);
    assertThat(backoff.after(6)).hasMillis(3_200);
    assertThat(backoff.after(7)).hasMillis(5_000);
    assertThat(backoff.after(10_000)).hasMillis(5_000);
  }
}
