package dev.tokenbus.router.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeadlineQueueTest {
  private static final Instant NOW = Samples.START;

  private final DeadlineQueue<RequestId> deadlines = new DeadlineQueue<>();

  @Test
  void givesWhatIsDueInTheOrderOfTime() {
    RequestId one = Samples.id(1, NOW);
    RequestId two = Samples.id(2, NOW);
    deadlines.add(two, NOW.plusMillis(2));
    deadlines.add(one, NOW.plusMillis(1));

    assertThat(deadlines.poll(NOW)).isNull();
    assertThat(deadlines.poll(NOW.plusMillis(2))).isEqualTo(one);
    assertThat(deadlines.poll(NOW.plusMillis(2))).isEqualTo(two);
    assertThat(deadlines.poll(NOW.plusMillis(2))).isNull();
  }
}
