package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimersTest {
  private static final Instant NOW = Samples.START;

  private final Timers<RequestId> timers = new Timers<>();

  @Test
  void givesWhatIsDueInTheOrderOfTime() {
    RequestId one = Samples.id(1, NOW);
    RequestId two = Samples.id(2, NOW);
    timers.add(two, NOW.plusMillis(2));
    timers.add(one, NOW.plusMillis(1));

    assertThat(timers.poll(NOW)).isNull();
    assertThat(timers.poll(NOW.plusMillis(2))).isEqualTo(one);
    assertThat(timers.poll(NOW.plusMillis(2))).isEqualTo(two);
    assertThat(timers.poll(NOW.plusMillis(2))).isNull();
  }
}
