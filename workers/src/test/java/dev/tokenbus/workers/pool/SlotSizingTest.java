package dev.tokenbus.workers.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlotSizingTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private final SlotSizing sizing = new SlotSizing(100, 12, 2_048);

  @Test
  void servesABurstAtOnce() {
    for (int used = 0; used < 512; used++) {
      assertThat(used < sizing.size() || sizing.grow(used + 1, used, 0, 0)).isTrue();
    }
    assertThat(sizing.size()).isGreaterThanOrEqualTo(512);
  }

  @Test
  void staysBelowItsCeiling() {
    for (int used = 0; used < 5_000; used++) {
      sizing.grow(used + 1, 0, 0, 0);
    }

    assertThat(sizing.size()).isEqualTo(2_048);
  }

  @Test
  void givesNoMoreToAProviderThatAnswersNothing() {
    assertThat(sizing.grow(101, 100, 3 * SECOND, 0)).isFalse();
    assertThat(sizing.grow(101, 99, 3 * SECOND, 0)).isTrue();
  }

  @Test
  void halvesWhatTheProviderRefusesOnceForAllOfABurst() {
    sizing.grow(400, 0, 0, 0);

    sizing.shrink(400, SECOND);
    sizing.shrink(399, SECOND + 1);

    assertThat(sizing.size()).isEqualTo(200);
    for (int i = 2; i < 20; i++) {
      sizing.shrink(sizing.size(), 3L * i * SECOND);
    }
    assertThat(sizing.size()).isEqualTo(12);
  }

  @Test
  void halvesNoMoreForAComplaintThatComesWhileFewCallsRun() {
    sizing.shrink(2, SECOND);

    assertThat(sizing.size()).isEqualTo(50);
  }

  @Test
  void forgivesAComplaintAfterAMinute() {
    sizing.shrink(100, SECOND);

    assertThat(sizing.grow(300, 0, 0, 70 * SECOND)).isTrue();
    assertThat(sizing.size()).isEqualTo(300);
  }

  @Test
  void growsAgainByAQuarterASecondWhenTheProviderHasNotComplainedForAWhile() {
    sizing.shrink(100, SECOND);
    assertThat(sizing.size()).isEqualTo(50);

    assertThat(sizing.grow(60, 0, 0, 2 * SECOND)).isFalse();
    assertThat(sizing.grow(200, 0, 0, 7 * SECOND)).isTrue();
    assertThat(sizing.size()).isEqualTo(62);
    assertThat(sizing.grow(200, 0, 0, 7 * SECOND + 1)).isFalse();
    assertThat(sizing.grow(200, 0, 0, 8 * SECOND + 1)).isTrue();
  }
}
