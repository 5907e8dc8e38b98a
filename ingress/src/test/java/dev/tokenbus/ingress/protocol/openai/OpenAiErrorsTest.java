package dev.tokenbus.ingress.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.ingress.protocol.ErrorResponse;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OpenAiErrorsTest {
  @Test
  void letsSdksTryAgainWhatHasNotRun() {
    ErrorResponse response =
        OpenAiErrors.response(
            Problem.of(ErrorCode.UNAVAILABLE, "Later").retryAfter(Duration.ofSeconds(1)));

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.headers()).doesNotContainKey("x-should-retry");
  }

  @Test
  void keepsSdksFromPayingTwiceForWhatRunsOn() {
    ErrorResponse response =
        OpenAiErrors.response(
            Problem.of(ErrorCode.UNREADABLE_REPLY, "Newer")
                .notRepeatable()
                .retryAfter(Duration.ofSeconds(1)));

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.headers()).containsEntry("x-should-retry", "false");
  }
}
