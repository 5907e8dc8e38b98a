package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.RawJson;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.http.AnswerReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON objects of one answer: the chunks of a stream one by one, or a whole answer, which
 * has the same members except that its choices carry a {@code message} where a chunk's carry a
 * {@code delta}. Uses the streaming parser, so that a token costs no tree.
 *
 * <p>Not thread-safe.
 */
final class ChatCompletionReader implements AnswerReader {
  private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

  private final int choices;
  private final ChoiceReader choiceReader;
  private final BitSet finished = new BitSet();
  private final Map<String, String> extra = new LinkedHashMap<>();
  private List<Delta> deltas = new ArrayList<>();
  private @Nullable String id;
  private @Nullable String model;
  private @Nullable String systemFingerprint;
  private @Nullable String serviceTier;
  private @Nullable TokenUsage usage;
  private @Nullable String finishReason;
  private @Nullable ProviderFailure error;
  private boolean understood;
  private boolean done;

  /**
   * @param choices how many answers were asked for
   * @param formatLevel the level up to which deltas may be used
   */
  ChatCompletionReader(int choices, int formatLevel) {
    this.choices = choices;
    choiceReader = new ChoiceReader(formatLevel);
  }

  @Override
  public void readEvent(byte[] bytes, int from, int length, boolean errorEvent) throws IOException {
    if (Arrays.equals(bytes, from, from + length, DONE, 0, DONE.length)) {
      done = true;
      return;
    }
    read(bytes, from, length);
    if (errorEvent && error == null) {
      error = OpenAiError.read(Arrays.copyOfRange(bytes, from, from + length)).inStream();
    }
  }

  @Override
  public void readWhole(byte[] bytes) throws IOException {
    read(bytes, 0, bytes.length);
  }

  /**
   * Reads one object; what it brought is added to what earlier ones did.
   *
   * @throws IOException if it is not a JSON object
   */
  private void read(byte[] bytes, int from, int length) throws IOException {
    try (JsonParser parser = RawJson.FACTORY.createParser(bytes, from, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        member(parser, name, value);
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new IOException("a JSON object that does not end");
      }
    }
  }

  private void member(JsonParser parser, String name, JsonToken value) throws IOException {
    switch (name) {
      case "id" -> id = textOr(id, parser, value);
      case "model" -> model = textOr(model, parser, value);
      case "system_fingerprint" -> systemFingerprint = textOr(systemFingerprint, parser, value);
      case "service_tier" -> serviceTier = textOr(serviceTier, parser, value);
      case "choices" -> choices(parser, value);
      case "usage" -> {
        if (value == JsonToken.START_OBJECT) {
          usage = UsageReader.read(RawJson.text(parser));
        } else {
          parser.skipChildren();
        }
      }
      case "error" -> {
        if (value != JsonToken.VALUE_NULL) {
          error = OpenAiError.read(RawJson.text(parser)).inStream();
        }
      }
      // "obfuscation" pads each chunk of OpenAI's streams against traffic analysis on that one
      // connection.
      case "object", "created", "obfuscation" -> parser.skipChildren();
      default -> {
        if (value != JsonToken.VALUE_NULL) {
          extra.put(name, RawJson.text(parser));
        }
      }
    }
  }

  private void choices(JsonParser parser, JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    understood = true;
    int position = 0;
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      ChoiceReader.Finished end = choiceReader.read(parser, position, deltas);
      if (end != null) {
        finished.set(end.choice());
        if (finishReason == null || end.choice() == 0) {
          finishReason = end.reason();
        }
      }
      position++;
    }
  }

  @Override
  public List<Delta> takeDeltas() {
    List<Delta> taken = deltas;
    deltas = new ArrayList<>();
    return taken;
  }

  @Override
  public boolean hasDeltas() {
    return !deltas.isEmpty();
  }

  @Override
  public boolean done() {
    return done;
  }

  /** Whether every choice that was asked for has said why it ended. */
  @Override
  public boolean allFinished() {
    return finished.cardinality() >= choices;
  }

  @Override
  public boolean understood() {
    return understood;
  }

  @Override
  public @Nullable ProviderFailure error() {
    return error;
  }

  /** Where the response's headers named no request id, the answer's own id serves. */
  @Override
  public AnswerHead head(@Nullable String requestId) {
    return new AnswerHead(
        model, systemFingerprint, serviceTier, requestId == null ? id : requestId, id);
  }

  @Override
  public AnswerEnd end() {
    return new AnswerEnd(usage, finishReason, RawJson.object(extra));
  }

  private static @Nullable String textOr(@Nullable String known, JsonParser parser, JsonToken value)
      throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      String text = parser.getText();
      return text.isEmpty() ? known : text;
    }
    parser.skipChildren();
    return known;
  }
}
