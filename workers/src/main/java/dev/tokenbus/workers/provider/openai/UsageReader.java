package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.RawJson;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import java.io.IOException;

/**
 * OpenAI's usage object as disjoint token classes. The totals include the details, so the details
 * are taken out of them: input = prompt − cached − audio, output = completion − reasoning − audio.
 * Some providers (xAI, for one) count reasoning beside the completion. Their {@code total_tokens}
 * say so, and where there is none, details that exceed their total; then the total stands as it is.
 */
final class UsageReader {
  private UsageReader() {}

  static TokenUsage read(String json) throws IOException {
    long prompt = 0;
    long completion = 0;
    long total = 0;
    Details input = new Details();
    Details output = new Details();
    try (JsonParser parser = RawJson.FACTORY.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "prompt_tokens" -> prompt = count(parser, value);
          case "completion_tokens" -> completion = count(parser, value);
          case "total_tokens" -> total = count(parser, value);
          case "prompt_tokens_details" -> input = details(parser, value);
          case "completion_tokens_details" -> output = details(parser, value);
          // DeepSeek's own spelling, beside or instead of the details.
          case "prompt_cache_hit_tokens" ->
              input.cached = Math.max(input.cached, count(parser, value));
          default -> parser.skipChildren();
        }
      }
    }
    boolean reasoningBeside =
        output.reasoning > 0 && total == prompt + completion + output.reasoning;
    long cached = input.cached;
    long inputAudio = input.audio;
    long reasoning = output.reasoning;
    long outputAudio = output.audio;
    return TokenUsage.newBuilder()
        .setInput(remainder(prompt, cached + input.cacheWrite + inputAudio + input.image))
        .setCacheRead(cached)
        .setCacheWrite(input.cacheWrite)
        .setInputImage(input.image)
        .setOutputImage(output.image)
        .setInputAudio(inputAudio)
        .setOutput(
            remainder(completion, (reasoningBeside ? 0 : reasoning) + outputAudio + output.image))
        .setReasoning(reasoning)
        .setOutputAudio(outputAudio)
        .setSource(UsageSource.PROVIDER)
        .setRaw(json)
        .build();
  }

  private static long remainder(long total, long details) {
    return details <= total ? total - details : total;
  }

  private static Details details(JsonParser parser, JsonToken value) throws IOException {
    Details details = new Details();
    if (value != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return details;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken member = parser.nextToken();
      switch (name) {
        case "cached_tokens" -> details.cached = count(parser, member);
        case "audio_tokens" -> details.audio = count(parser, member);
        case "cache_write_tokens" -> details.cacheWrite = count(parser, member);
        case "image_tokens" -> details.image = count(parser, member);
        case "reasoning_tokens" -> details.reasoning = count(parser, member);
        default -> parser.skipChildren();
      }
    }
    return details;
  }

  private static long count(JsonParser parser, JsonToken value) throws IOException {
    if (value.isNumeric()) {
      return Math.max(0, (long) parser.getDoubleValue());
    }
    parser.skipChildren();
    return 0;
  }

  private static final class Details {
    private long cached;
    private long cacheWrite;
    private long audio;
    private long image;
    private long reasoning;
  }
}
