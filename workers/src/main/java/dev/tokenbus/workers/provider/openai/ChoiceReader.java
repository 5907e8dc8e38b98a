package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.RawJson;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.StopMatched;
import dev.tokenbus.schemas.avro.TextDelta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one element of {@code choices}. Members that are not modelled are kept: those of the delta
 * as a raw delta, those of the choice as extra of its first delta.
 *
 * <p>Not thread-safe; one per answer, since tool calls without an index are numbered over its whole
 * length.
 */
final class ChoiceReader {

  /** A choice that said why it ended. */
  record Finished(int choice, String reason) {}

  /** From this level on readers know log probabilities and stop sequences as deltas. */
  private static final int DELTA_LEVEL = 2;

  private final Map<Integer, ToolCallReader> toolCalls = new HashMap<>();
  private final int formatLevel;

  ChoiceReader(int formatLevel) {
    this.formatLevel = formatLevel;
  }

  /** Reads the object at which the parser stands, up to its end, and adds its output. */
  @Nullable Finished read(JsonParser parser, int position, List<Delta> deltas) throws IOException {
    // Members may come in any order, so the index is known only at the end.
    int choice = position;
    String finish = null;
    Map<String, String> extra = new LinkedHashMap<>();
    List<LogprobsDelta> logprobs = List.of();
    String stopSequence = null;
    List<Object> contents = new ArrayList<>(2);
    Map<String, String> raw = new LinkedHashMap<>();
    ToolCallReader.Pieces pieces = new ToolCallReader.Pieces();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "index" ->
            choice = value == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : position;
        case "finish_reason" -> finish = value == JsonToken.VALUE_STRING ? parser.getText() : null;
        case "logprobs" -> {
          if (value == JsonToken.START_OBJECT) {
            String json = RawJson.text(parser);
            logprobs = formatLevel < DELTA_LEVEL ? List.of() : LogprobsReader.read(json);
            if (logprobs.isEmpty()) {
              extra.put(name, json);
            }
          } else {
            parser.skipChildren();
          }
        }
        // The sequence itself, where a compatible server says it.
        case "stop_reason" -> {
          if (value == JsonToken.VALUE_STRING) {
            stopSequence = parser.getText();
          }
          if (value != JsonToken.VALUE_NULL) {
            extra.put(name, RawJson.text(parser));
          }
        }
        case "delta", "message" -> {
          if (value == JsonToken.START_OBJECT) {
            output(parser, contents, raw, pieces);
          } else {
            parser.skipChildren();
          }
        }
        default -> {
          if (value != JsonToken.VALUE_NULL) {
            extra.put(name, RawJson.text(parser));
          }
        }
      }
    }
    contents.addAll(
        toolCalls.computeIfAbsent(choice, unseen -> new ToolCallReader()).number(pieces));
    String rawText = RawJson.object(raw);
    if (rawText != null) {
      contents.add(new RawDelta(OpenAiDialect.NAME, rawText));
    }
    contents.addAll(logprobs);
    if (finish != null) {
      if (stopSequence != null && formatLevel >= DELTA_LEVEL) {
        contents.add(new StopMatched(stopSequence));
      }
      contents.add(new Finish(reason(finish), finish));
    }
    String extraText = RawJson.object(extra);
    if (contents.isEmpty() && extraText != null) {
      contents.add(new RawDelta(OpenAiDialect.NAME, "{}"));
    }
    for (Object content : contents) {
      deltas.add(new Delta(choice, content, extraText, null));
      extraText = null;
    }
    return finish == null ? null : new Finished(choice, finish);
  }

  private static void output(
      JsonParser parser,
      List<Object> contents,
      Map<String, String> raw,
      ToolCallReader.Pieces pieces)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NULL) {
        continue;
      }
      boolean text = value == JsonToken.VALUE_STRING;
      if (text && (name.equals("role") || (parser.getTextLength() == 0 && isText(name)))) {
        continue;
      }
      if (name.equals("content") && text) {
        contents.add(new TextDelta(parser.getText()));
      } else if ((name.equals("reasoning_content") || name.equals("reasoning")) && text) {
        contents.add(new ReasoningDelta(parser.getText(), null, name));
      } else if (name.equals("refusal") && text) {
        contents.add(new RefusalDelta(parser.getText()));
      } else if (name.equals("tool_calls") && value == JsonToken.START_ARRAY) {
        pieces.read(parser);
      } else {
        raw.put(name, RawJson.text(parser));
      }
    }
  }

  private static boolean isText(String name) {
    return switch (name) {
      case "content", "reasoning_content", "reasoning", "refusal" -> true;
      default -> false;
    };
  }

  private static FinishReason reason(String raw) {
    return switch (raw) {
      case "stop" -> FinishReason.STOP;
      case "length" -> FinishReason.LENGTH;
      case "tool_calls", "function_call" -> FinishReason.TOOL_CALLS;
      case "content_filter" -> FinishReason.CONTENT_FILTER;
      default -> FinishReason.OTHER;
    };
  }
}
