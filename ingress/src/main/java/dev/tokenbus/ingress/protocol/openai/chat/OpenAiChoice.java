package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.ingress.protocol.Utf8Buffer;
import dev.tokenbus.ingress.protocol.openai.DeltaMerger;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A choice of a completion, assembled from its deltas. Not thread-safe. */
final class OpenAiChoice {
  private final int index;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder refusal = new StringBuilder();
  private final Map<String, StringBuilder> reasoning = new LinkedHashMap<>();
  private final TreeMap<Integer, OpenAiToolCall> toolCalls = new TreeMap<>();
  private @Nullable ObjectNode rawMessage;
  private @Nullable ObjectNode extra;
  private @Nullable String finishReason;

  OpenAiChoice(int index) {
    this.index = index;
  }

  void add(Delta delta) {
    switch (delta.getContent()) {
      case TextDelta part -> text.append(part.getText());
      case RefusalDelta part -> refusal.append(part.getText());
      case ReasoningDelta part -> {
        String member = part.getMember() == null ? "reasoning_content" : part.getMember();
        reasoning.computeIfAbsent(member, name -> new StringBuilder()).append(part.getText());
      }
      case ToolCallDelta part ->
          toolCalls.computeIfAbsent(part.getIndex(), i -> new OpenAiToolCall()).add(part);
      case RawDelta part -> rawMessage = DeltaMerger.joined(rawMessage, part.getJson());
      case Finish part -> finishReason = OpenAiAnswer.finishReason(part);
      case null, default -> {
        // Output of a newer writer, which this version cannot render.
      }
    }
    if (delta.getExtra() != null) {
      extra = DeltaMerger.joined(extra, delta.getExtra());
    }
  }

  void write(Utf8Buffer out) {
    out.ascii("{\"index\":").number(index);
    out.ascii(",\"message\":{\"role\":\"assistant\",\"content\":");
    if (text.isEmpty() && (!toolCalls.isEmpty() || !refusal.isEmpty())) {
      out.ascii("null");
    } else {
      out.string(text.toString());
    }
    out.ascii(",\"refusal\":");
    if (refusal.isEmpty()) {
      out.ascii("null");
    } else {
      out.string(refusal.toString());
    }
    reasoning.forEach((member, thought) -> member(member, thought, out));
    if (!toolCalls.isEmpty()) {
      String separator = ",\"tool_calls\":[";
      for (OpenAiToolCall call : toolCalls.values()) {
        call.write(out.ascii(separator));
        separator = ",";
      }
      out.ascii("]");
    }
    if (rawMessage != null) {
      out.members(rawMessage.toString());
    }
    out.ascii("},\"finish_reason\":");
    if (finishReason == null) {
      out.ascii("null");
    } else {
      out.string(finishReason);
    }
    if (extra == null || !extra.has("logprobs")) {
      out.ascii(",\"logprobs\":null");
    }
    if (extra != null) {
      out.members(extra.toString());
    }
    out.ascii("}");
  }

  private static void member(String name, StringBuilder value, Utf8Buffer out) {
    out.ascii(",").string(name).ascii(":").string(value.toString());
  }
}
