package dev.tokenbus.ingress.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingAppendTest {
  private final List<ProblemException> refusals = new ArrayList<>();
  private final List<String> cancellations = new ArrayList<>();
  private final PendingAppend append =
      new PendingAppend(refusals::add, () -> cancellations.add("cancelled"));

  @Test
  void isPendingUntilItIsWritten() {
    assertThat(append.isPending()).isTrue();

    append.succeeded();

    assertThat(append.isPending()).isFalse();
    assertThat(append.abandon()).isFalse();
    assertThat(cancellations).isEmpty();
  }

  @Test
  void saysThatItFailed() {
    append.failed(BrokerWatch.unreachable());

    assertThat(refusals).hasSize(1);
    assertThat(append.isPending()).isFalse();
  }

  @Test
  void cancelsARequestThatTurnsUpAfterItsClientWasSentAway() {
    assertThat(append.abandon()).isTrue();

    append.succeeded();

    assertThat(cancellations).hasSize(1);
    assertThat(refusals).isEmpty();
  }

  @Test
  void leavesARequestAloneThatFailsAfterItsClientWasSentAway() {
    assertThat(append.abandon()).isTrue();

    append.failed(BrokerWatch.unreachable());

    assertThat(cancellations).isEmpty();
    assertThat(refusals).isEmpty();
  }
}
