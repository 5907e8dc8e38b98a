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
 * Some providers count reasoning beside the completion, with details (xAI) or without any: what
 * {@code total_tokens} holds beyond prompt and completion is reasoning, unless cached tokens
 * explain it. Where there is no total, details may exceed what they are details of; then that
 * stands as it is.
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
    long beyond = Math.max(0, total - prompt - completion);
    boolean inputBeside =
        input.sum() > prompt || (beyond == input.sum() && beyond != output.reasoning);
    if (inputBeside) {
      beyond -= Math.min(beyond, input.sum());
    }
    // Of reasoning in the details, what does not fit in there is part of the completion.
    long inCompletion = output.reasoning > beyond ? output.reasoning : 0;
    return TokenUsage.newBuilder()
        .setInput(inputBeside ? prompt : prompt - input.sum())
        .setCacheRead(input.cached)
        .setCacheWrite(input.cacheWrite)
        .setInputImage(input.image)
        .setOutputImage(output.image)
        .setInputAudio(input.audio)
        .setOutput(remainder(completion, inCompletion + output.audio + output.image))
        .setReasoning(inCompletion + beyond)
        .setOutputAudio(output.audio)
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

    /** Of the classes that are part of the prompt. */
    private long sum() {
      return cached + cacheWrite + audio + image;
    }
  }
}
