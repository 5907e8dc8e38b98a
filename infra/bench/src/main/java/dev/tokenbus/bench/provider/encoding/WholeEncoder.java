package dev.tokenbus.bench.provider.encoding;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/** Writes an answer that is not streamed: the chat completion object. */
public final class WholeEncoder {
  static final String FINGERPRINT = "fp_tokenbusmock";

  private WholeEncoder() {}

  public static byte[] encode(Answer answer, boolean withUsage) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("id", answer.id());
    body.put("object", "chat.completion");
    body.put("created", answer.created());
    body.put("model", answer.model());
    ArrayNode choices = body.putArray("choices");
    for (Answer.Choice choice : answer.choices()) {
      ObjectNode node = choices.addObject();
      node.put("index", choice.index());
      node.set("message", message(choice.pieces()));
      node.putNull("logprobs");
      node.put("finish_reason", choice.finishReason());
    }
    if (withUsage) {
      body.set("usage", usage(answer.usage()));
    }
    body.put("service_tier", "default");
    body.put("system_fingerprint", FINGERPRINT);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  static ObjectNode usage(Answer.TokenUsage usage) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("prompt_tokens", usage.prompt());
    node.put("completion_tokens", usage.completion());
    node.put("total_tokens", usage.prompt() + usage.completion());
    node.putObject("prompt_tokens_details")
        .put("cached_tokens", usage.cached())
        .put("audio_tokens", 0);
    node.putObject("completion_tokens_details")
        .put("reasoning_tokens", usage.reasoning())
        .put("audio_tokens", 0)
        .put("accepted_prediction_tokens", 0)
        .put("rejected_prediction_tokens", 0);
    return node;
  }

  private static ObjectNode message(List<Piece> pieces) {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    Map<String, String> texts =
        pieces.stream()
            .filter(Piece.Text.class::isInstance)
            .map(Piece.Text.class::cast)
            .collect(Collectors.groupingBy(Piece.Text::field, joinedTexts()));
    message.put("role", "assistant");
    message.put("content", texts.get("content"));
    message.put("refusal", texts.get("refusal"));
    message.putArray("annotations");
    if (texts.containsKey("reasoning_content")) {
      message.put("reasoning_content", texts.get("reasoning_content"));
    }
    ArrayNode calls = calls(pieces);
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    return message;
  }

  private static Collector<Piece.Text, ?, String> joinedTexts() {
    return Collectors.mapping(Piece.Text::text, Collectors.joining());
  }

  private static ArrayNode calls(List<Piece> pieces) {
    Map<Integer, Piece.CallStart> starts = new TreeMap<>();
    Map<Integer, StringBuilder> arguments = new TreeMap<>();
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.CallStart start -> starts.put(start.call(), start);
        case Piece.CallArguments part ->
            arguments
                .computeIfAbsent(part.call(), call -> new StringBuilder())
                .append(part.fragment());
        case Piece.Text text -> {
          // text is collected by field
        }
      }
    }
    ArrayNode calls = JsonNodeFactory.instance.arrayNode();
    starts.forEach((call, start) -> {
      ObjectNode node = calls.addObject();
      node.put("id", start.id());
      node.put("type", "function");
      node.putObject("function")
          .put("name", start.name())
          .put("arguments", arguments.getOrDefault(call, new StringBuilder()).toString());
    });
    return calls;
  }
}
