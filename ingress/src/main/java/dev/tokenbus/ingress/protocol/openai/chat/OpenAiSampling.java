package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.ingress.protocol.openai.BadRequest;
import dev.tokenbus.runtime.json.ExtraMembers;
import dev.tokenbus.runtime.json.JsonCursor;
import dev.tokenbus.runtime.json.JsonPath;
import dev.tokenbus.schemas.avro.Sampling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses sampling parameters within the bounds of OpenAI's reference. Not thread-safe. */
final class OpenAiSampling {
  private final List<String> spelling = new ArrayList<>();
  private @Nullable Double temperature;
  private @Nullable Double topP;
  private @Nullable Integer topK;
  private @Nullable Double frequencyPenalty;
  private @Nullable Double presencePenalty;
  private @Nullable Long seed;
  private @Nullable Long maxOutputTokens;
  private @Nullable String maxOutputTokensName;
  private @Nullable Integer candidates;
  private List<String> stop = List.of();
  private @Nullable Boolean logprobs;
  private @Nullable Integer topLogprobs;

  /**
   * Reads the value if the member is one of these.
   *
   * @param extra keeps what the canonical form cannot tell from absence
   * @return whether the member is one of these
   */
  boolean take(String name, JsonCursor cursor, JsonPath at, ExtraMembers extra) throws IOException {
    switch (name) {
      case "temperature" -> temperature = cursor.decimal(at, 0, 2);
      case "top_p" -> topP = cursor.decimal(at, 0, 1);
      case "top_k" -> topK = (int) cursor.integer(at, -1, Integer.MAX_VALUE);
      case "frequency_penalty" -> frequencyPenalty = cursor.decimal(at, -2, 2);
      case "presence_penalty" -> presencePenalty = cursor.decimal(at, -2, 2);
      case "seed" -> seed = cursor.integer(at, Long.MIN_VALUE, Long.MAX_VALUE);
      case "max_completion_tokens", "max_tokens", "maxTokens" ->
          limit(name, cursor.integer(at, 1, Integer.MAX_VALUE));
      case "n" -> candidates = (int) cursor.integer(at, 1, 128);
      case "stop" -> {
        stop = stop(cursor, at);
        if (stop.isEmpty()) {
          extra.keep(name, "[]");
        }
      }
      case "logprobs" -> logprobs = cursor.bool(at);
      case "top_logprobs" -> topLogprobs = (int) cursor.integer(at, 0, 20);
      default -> {
        return false;
      }
    }
    return true;
  }

  Sampling sampling() {
    return Sampling.newBuilder()
        .setTemperature(temperature)
        .setTopP(topP)
        .setTopK(topK)
        .setFrequencyPenalty(frequencyPenalty)
        .setPresencePenalty(presencePenalty)
        .setSeed(seed)
        .setMaxOutputTokens(maxOutputTokens)
        .setCandidates(candidates)
        .setStop(stop)
        .setLogprobs(logprobs)
        .setTopLogprobs(topLogprobs)
        .build();
  }

  /** The alternative spellings that the client used. */
  List<String> spelling() {
    if (maxOutputTokensName != null && !maxOutputTokensName.equals("max_completion_tokens")) {
      spelling.add("max_tokens");
    }
    return spelling;
  }

  private void limit(String name, long tokens) {
    if (maxOutputTokens != null && maxOutputTokens != tokens) {
      throw BadRequest.conflict(
          JsonPath.ROOT.at("max_tokens"),
          name.equals("max_tokens") && maxOutputTokensName != null ? maxOutputTokensName : name);
    }
    maxOutputTokens = tokens;
    if (maxOutputTokensName == null || name.equals("max_completion_tokens")) {
      maxOutputTokensName = name;
    }
  }

  private List<String> stop(JsonCursor cursor, JsonPath at) throws IOException {
    if (cursor.token() == JsonToken.VALUE_STRING) {
      spelling.add("stop:string");
      return List.of(cursor.string(at));
    }
    if (cursor.token() != JsonToken.START_ARRAY) {
      throw BadRequest.wrongType(at, "a string or an array of strings", cursor.token());
    }
    List<String> sequences = new ArrayList<>();
    while (cursor.next() != JsonToken.END_ARRAY) {
      sequences.add(cursor.string(at.at(sequences.size())));
    }
    return sequences;
  }
}
