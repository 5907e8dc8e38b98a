package dev.tokenbus.ingress.protocol.openai.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.avro.TokenUsage;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the client reads as its usage is what it is billed for. */
class OpenAiUsageTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @MethodSource
  void countsEveryClassOfTokensOnce(Schema.Field tokens) throws IOException {
    TokenUsage usage = TokenUsage.newBuilder().build();
    usage.put(tokens.pos(), 7L);

    JsonNode read = read(usage);

    assertThat(read.get("total_tokens").asLong()).isEqualTo(7);
    assertThat(read.get("prompt_tokens").asLong() + read.get("completion_tokens").asLong())
        .isEqualTo(7);
    assertThat(sum(read.get("prompt_tokens_details")))
        .isLessThanOrEqualTo(read.get("prompt_tokens").asLong());
    assertThat(sum(read.get("completion_tokens_details")))
        .isLessThanOrEqualTo(read.get("completion_tokens").asLong());
  }

  static Stream<Schema.Field> countsEveryClassOfTokensOnce() {
    return TokenUsage.getClassSchema().getFields().stream()
        .filter(field -> field.schema().getType() == Schema.Type.LONG);
  }

  @Test
  void saysWhatWasWrittenToTheCacheAndWhatWasPictures() throws IOException {
    JsonNode read =
        read(
            TokenUsage.newBuilder()
                .setInput(1)
                .setCacheRead(2)
                .setCacheReadAudio(3)
                .setCacheReadImage(4)
                .setCacheWrite(5)
                .setCacheWriteOneHour(6)
                .setInputImage(7)
                .setOutputImage(8)
                .build());

    assertThat(read.at("/prompt_tokens_details/cached_tokens").asLong()).isEqualTo(9);
    assertThat(read.at("/prompt_tokens_details/cache_write_tokens").asLong()).isEqualTo(11);
    assertThat(read.at("/prompt_tokens_details/image_tokens").asLong()).isEqualTo(7);
    assertThat(read.at("/completion_tokens_details/image_tokens").asLong()).isEqualTo(8);
  }

  private static JsonNode read(TokenUsage usage) throws IOException {
    Utf8Buffer out = new Utf8Buffer();
    OpenAiAnswer.usage(usage, out);
    return JSON.readTree(new String(out.toByteArray(), UTF_8));
  }

  private static long sum(JsonNode details) {
    long sum = 0;
    for (JsonNode detail : details) {
      sum += detail.asLong();
    }
    return sum;
  }
}
