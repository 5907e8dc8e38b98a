package dev.tokenbus.ingress.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResumptionTest {
  private static final RequestId ID = RequestId.of(Instant.EPOCH, 0, new Random(1));

  @Test
  void tellsALogThatTakesLongToReadFromABrokerThatIsAway() {
    Problem slow = Resumption.notRead(ID, true);
    Problem away = Resumption.notRead(ID, false);

    assertThat(slow.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(slow.message()).contains("still being read").doesNotContain("broker");
    assertThat(slow.retryAfter()).isNotNull();
    assertThat(away.message()).contains("broker cannot be reached");
  }
}
