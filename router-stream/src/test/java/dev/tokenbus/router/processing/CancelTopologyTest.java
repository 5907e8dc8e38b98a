package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Commands to cancel, through the topology. */
class CancelTopologyTest extends RouterDriven {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = RouterDriver.TICK;

  /** How long a worker's start may wait behind other reports. */
  private static final Duration START_REPORT = Duration.ofSeconds(11);

  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);

  @Test
  void endsARequestWhoseClientHasGoneBeforeAWorkerHasStartedIt() {
    router.accept(request);
    Cancel command =
        Cancel.newBuilder()
            .setReason(CancelReason.CLIENT_GONE)
            .setUpToAttempt(Integer.MAX_VALUE)
            .build();

    router.cancels.heard(id, command);
    router.cancels.heard(Samples.id(99, Samples.START), command);
    router.pass(TICK);
    assertThat(router.outcomes()).isEmpty();
    router.pass(START_REPORT);

    assertThat(router.outcomes())
        .singleElement()
        .matches(o -> o.value().getStatus() == RequestStatus.CANCELLED);
    assertThat(router.controls()).singleElement().matches(c -> c.key().equals(id.toString()));
  }
}
