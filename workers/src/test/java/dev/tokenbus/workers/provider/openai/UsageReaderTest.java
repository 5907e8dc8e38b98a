package dev.tokenbus.workers.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class UsageReaderTest {
  @Test
  void takesTheDetailsOutOfTheTotals() throws IOException {
    String json =
        "{\"prompt_tokens\":100,\"completion_tokens\":50,\"total_tokens\":150,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":60,\"audio_tokens\":10},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":30,\"audio_tokens\":5,\"accepted_prediction_tokens\":0}}";

    TokenUsage usage = UsageReader.read(json);

    assertThat(usage.getInput()).isEqualTo(30);
    assertThat(usage.getCacheRead()).isEqualTo(60);
    assertThat(usage.getInputAudio()).isEqualTo(10);
    assertThat(usage.getOutput()).isEqualTo(15);
    assertThat(usage.getReasoning()).isEqualTo(30);
    assertThat(usage.getOutputAudio()).isEqualTo(5);
    assertThat(usage.getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(usage.getRaw()).isEqualTo(json);
  }

  @Test
  void readsDetailsThatAreNullOrMissing() throws IOException {
    TokenUsage usage =
        UsageReader.read(
            "{\"prompt_tokens\":7,\"completion_tokens\":3,\"prompt_tokens_details\":null,\"cost\":{\"a\":[1]}}");

    assertThat(usage.getInput()).isEqualTo(7);
    assertThat(usage.getOutput()).isEqualTo(3);
  }

  @Test
  void readsDeepSeeksCacheHits() throws IOException {
    TokenUsage usage =
        UsageReader.read(
            "{\"prompt_tokens\":10,\"completion_tokens\":1,\"prompt_cache_hit_tokens\":4}");

    assertThat(usage.getInput()).isEqualTo(6);
    assertThat(usage.getCacheRead()).isEqualTo(4);
  }

  @Test
  void followsTheTotalWhereReasoningStandsBesideTheCompletion() throws IOException {
    TokenUsage usage =
        UsageReader.read(
            "{\"prompt_tokens\":10,\"completion_tokens\":50,\"total_tokens\":90,\"completion_tokens_details\":{\"reasoning_tokens\":30}}");

    assertThat(usage.getOutput()).isEqualTo(50);
    assertThat(usage.getReasoning()).isEqualTo(30);
  }

  @Test
  void takesForReasoningWhatOnlyTheTotalHolds() throws IOException {
    TokenUsage usage =
        UsageReader.read("{\"prompt_tokens\":20,\"completion_tokens\":10,\"total_tokens\":500}");

    assertThat(usage.getInput()).isEqualTo(20);
    assertThat(usage.getOutput()).isEqualTo(10);
    assertThat(usage.getReasoning()).isEqualTo(470);
  }

  @Test
  void countsNothingTwiceWhereTheCompletionHoldsTheReasoning() throws IOException {
    TokenUsage usage =
        UsageReader.read(
            "{\"prompt_tokens\":10,\"completion_tokens\":50,\"total_tokens\":60,\"completion_tokens_details\":{\"reasoning_tokens\":30}}");

    assertThat(usage.getOutput()).isEqualTo(20);
    assertThat(usage.getReasoning()).isEqualTo(30);
  }

  @Test
  void addsUpToTheTotalWhereTheDetailsExplainOnlyAPartOfIt() throws IOException {
    TokenUsage usage =
        UsageReader.read(
            "{\"prompt_tokens\":10,\"completion_tokens\":50,\"total_tokens\":70,\"completion_tokens_details\":{\"reasoning_tokens\":30}}");

    assertThat(usage.getOutput()).isEqualTo(20);
    assertThat(usage.getReasoning()).isEqualTo(40);
  }

  @Test
  void takesNoCachedInputBesideThePromptForReasoning() throws IOException {
    TokenUsage more =
        UsageReader.read(
            "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":1015,\"prompt_tokens_details\":{\"cached_tokens\":1000}}");
    TokenUsage fewer =
        UsageReader.read(
            "{\"prompt_tokens\":2000,\"completion_tokens\":5,\"total_tokens\":3005,\"prompt_tokens_details\":{\"cached_tokens\":1000}}");

    assertThat(more.getInput()).isEqualTo(10);
    assertThat(fewer.getInput()).isEqualTo(2000);
    assertThat(fewer.getCacheRead()).isEqualTo(1000);
    assertThat(more.getReasoning() + fewer.getReasoning()).isZero();
  }

  @Test
  void readsCacheWritesAndPictures() throws IOException {
    TokenUsage usage =
        UsageReader.read(
            "{\"prompt_tokens\":100,\"completion_tokens\":9,\"prompt_tokens_details\":{\"cached_tokens\":20,\"cache_write_tokens\":30,\"image_tokens\":10},\"completion_tokens_details\":{\"image_tokens\":4}}");

    assertThat(usage.getInput()).isEqualTo(40);
    assertThat(usage.getCacheWrite()).isEqualTo(30);
    assertThat(usage.getInputImage()).isEqualTo(10);
    assertThat(usage.getOutput()).isEqualTo(5);
    assertThat(usage.getOutputImage()).isEqualTo(4);
  }

  @Test
  void neverCountsBelowZero() throws IOException {
    TokenUsage usage =
        UsageReader.read(
            "{\"prompt_tokens\":1,\"completion_tokens\":1,\"completion_tokens_details\":{\"reasoning_tokens\":9}}");

    assertThat(usage.getOutput()).isEqualTo(1);
    assertThat(usage.getReasoning()).isEqualTo(9);
  }
}
