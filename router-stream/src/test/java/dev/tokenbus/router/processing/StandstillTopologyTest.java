package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.streams.StandstillException;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A process that stood still may have lost its tasks and does not know it yet. */
class StandstillTopologyTest extends RouterDriven {
  @Test
  void writesNothingAfterAStandstill() {
    router.accept(
        Samples.request(Samples.id(1, Samples.START), Samples.MODEL, Duration.ofMinutes(1)));
    AttemptDispatched work = router.work(RouterDriver.WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(work, 7));

    router.standstills++;

    assertThatThrownBy(() -> router.report(RouterDriver.succeeded(work, 7)))
        .hasRootCauseInstanceOf(StandstillException.class);
    assertThat(router.outcomes()).isEmpty();
  }

  @Test
  void movesNothingOnByTimeAfterAStandstill() {
    router.standstills++;

    assertThatThrownBy(() -> router.pass(RouterDriver.TICK))
        .hasRootCauseInstanceOf(StandstillException.class);
  }
}
