package dev.tokenbus.workers.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CancelsTest {
  private static final long RUN = 5;
  private static final long OTHER_RUN = 6;

  @Test
  void keepsAnEarlierCancelThatReachesFarther() {
    Cancels cancels =
        Cancels.NONE
            .with(cancel(CancelReason.CLIENT_GONE, 3, null))
            .with(cancel(CancelReason.SUPERSEDED, 1, RUN));

    assertThat(cancels.reason(3, RUN)).contains(CancelReason.CLIENT_GONE);
    assertThat(cancels.reason(1, RUN)).contains(CancelReason.CLIENT_GONE);
    assertThat(cancels.reason(4, RUN)).isEmpty();
  }

  @Test
  void keepsTheExceptionOfEach() {
    Cancels cancels =
        Cancels.NONE
            .with(cancel(CancelReason.SUPERSEDED, 1, RUN))
            .with(cancel(CancelReason.HEDGE_LOST, 2, OTHER_RUN));

    assertThat(cancels.reason(1, RUN)).contains(CancelReason.HEDGE_LOST);
    assertThat(cancels.reason(2, OTHER_RUN)).isEmpty();
    assertThat(cancels.reason(1, OTHER_RUN)).contains(CancelReason.SUPERSEDED);
  }

  @Test
  void growsOnlyByWhatAddsSomething() {
    Cancels cancels = Cancels.NONE;
    for (int i = 0; i < 100; i++) {
      cancels = cancels.with(cancel(CancelReason.SUPERSEDED, i, null));
    }

    assertThat(cancels.all()).hasSize(1);
    assertThat(cancels.reason(99, RUN)).isPresent();
  }

  private static Cancel cancel(CancelReason reason, int upToAttempt, @Nullable Long except) {
    return new Cancel(reason, upToAttempt, except);
  }
}
