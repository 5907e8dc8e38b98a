package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands to cancel, through the topology. */
class CancelTopologyTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = RouterDriver.TICK;

  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);
  @TempDir private Path state;
  private RouterDriver router;

  @BeforeEach
  void start() throws IOException {
    router = new RouterDriver(state);
  }

  @AfterEach
  void stop() {
    router.close();
  }

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

    assertThat(router.outcomes())
        .singleElement()
        .matches(o -> o.value().getStatus() == RequestStatus.CANCELLED);
    assertThat(router.controls()).singleElement().matches(c -> c.key().equals(id.toString()));
  }
}
