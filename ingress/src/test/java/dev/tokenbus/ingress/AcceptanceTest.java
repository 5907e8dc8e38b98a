package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.ingress.protocol.ProblemException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptanceTest {
  private final List<ProblemException> refusals = new ArrayList<>();
  private final List<String> cancellations = new ArrayList<>();
  private final Acceptance acceptance =
      new Acceptance(refusals::add, () -> cancellations.add("cancelled"));

  @Test
  void isPendingUntilItIsWritten() {
    assertThat(acceptance.isPending()).isTrue();

    acceptance.written();

    assertThat(acceptance.isPending()).isFalse();
    assertThat(acceptance.abandon()).isFalse();
    assertThat(cancellations).isEmpty();
  }

  @Test
  void saysThatItFailed() {
    acceptance.failed(RequestLog.brokerAway());

    assertThat(refusals).hasSize(1);
    assertThat(acceptance.isPending()).isFalse();
  }

  @Test
  void cancelsARequestThatTurnsUpAfterItsClientWasSentAway() {
    assertThat(acceptance.abandon()).isTrue();

    acceptance.written();

    assertThat(cancellations).hasSize(1);
    assertThat(refusals).isEmpty();
  }

  @Test
  void leavesARequestAloneThatFailsAfterItsClientWasSentAway() {
    assertThat(acceptance.abandon()).isTrue();

    acceptance.failed(RequestLog.brokerAway());

    assertThat(cancellations).isEmpty();
    assertThat(refusals).isEmpty();
  }
}
