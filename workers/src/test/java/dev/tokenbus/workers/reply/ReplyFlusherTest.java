package dev.tokenbus.workers.reply;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReplyFlusherTest {
  private static final long INTERVAL = Duration.ofMillis(10).toNanos();

  @Test
  void flushesAtItsIntervalWhileStreamsAreFew() {
    assertThat(ReplyFlusher.pauseNanos(INTERVAL, 0)).isEqualTo(INTERVAL);
    assertThat(ReplyFlusher.pauseNanos(INTERVAL, 150)).isEqualTo(INTERVAL);
  }

  @Test
  void flushesLessOftenTheMoreStreamsThereAre() {
    assertThat(ReplyFlusher.pauseNanos(INTERVAL, 300)).isEqualTo(Duration.ofMillis(18).toNanos());
  }

  @Test
  void keepsTextFlowingHoweverManyThereAre() {
    assertThat(ReplyFlusher.pauseNanos(INTERVAL, 100_000)).isEqualTo(3 * INTERVAL);
  }

  @Test
  void gathersNothingWhereTheIntervalIsZero() {
    assertThat(ReplyFlusher.pauseNanos(0, 2_000)).isZero();
  }
}
