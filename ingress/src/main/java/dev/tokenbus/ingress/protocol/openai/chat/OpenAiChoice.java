package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.runtime.json.DeltaMerger;
import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.avro.AudioDelta;
import dev.tokenbus.schemas.avro.Citation;
import dev.tokenbus.schemas.avro.CitationDelta;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.PositionLogprobs;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
  private final List<PositionLogprobs> logprobs = new ArrayList<>();
  private final List<PositionLogprobs> refusalLogprobs = new ArrayList<>();
  private final List<Citation> annotations = new ArrayList<>();
  private @Nullable AudioDelta audio;
  private @Nullable ObjectNode rawMessage;
  private @Nullable ObjectNode extra;
  private @Nullable String finishReason;

  OpenAiChoice(int index) {
    this.index = index;
  }

  /**
   * Adds a delta.
   *
   * @param nativeExtra whether its extra members are in OpenAI's words
   */
  void add(Delta delta, boolean nativeExtra) {
    switch (delta.getContent()) {
      case TextDelta part -> text.append(part.getText());
      case RefusalDelta part -> refusal.append(part.getText());
      case ReasoningDelta part -> {
        String member = part.getMember() == null ? "reasoning_content" : part.getMember();
        reasoning.computeIfAbsent(member, name -> new StringBuilder()).append(part.getText());
      }
      case ToolCallDelta part ->
          toolCalls
              .computeIfAbsent(part.getIndex(), i -> new OpenAiToolCall())
              .add(part, nativeExtra);
      case RawDelta part -> {
        if (part.getDialect().equals(OpenAiOutput.DIALECT)) {
          rawMessage = DeltaMerger.joined(rawMessage, part.getJson());
        }
      }
      case LogprobsDelta part ->
          (part.getRefusal() ? refusalLogprobs : logprobs).addAll(part.getPositions());
      case CitationDelta part -> {
        if (OpenAiOutput.isAnnotation(part.getCitation())) {
          annotations.add(part.getCitation());
        }
      }
      case AudioDelta part -> audio = joined(audio, part);
      case Finish part -> finishReason = OpenAiAnswer.finishReason(part);
      case null, default -> {
        // Output of a newer writer, which this version cannot render.
      }
    }
    if (nativeExtra && delta.getExtra() != null) {
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
    if (!annotations.isEmpty()) {
      String separator = ",\"annotations\":[";
      for (Citation citation : annotations) {
        OpenAiOutput.annotation(citation, out.ascii(separator));
        separator = ",";
      }
      out.ascii("]");
    }
    if (audio != null) {
      OpenAiOutput.audio(audio, out.ascii(",\"audio\":"));
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
    if (!logprobs.isEmpty() || !refusalLogprobs.isEmpty()) {
      OpenAiOutput.logprobs(logprobs, refusalLogprobs, out.ascii(",\"logprobs\":"));
    } else if (extra == null || !extra.has("logprobs")) {
      out.ascii(",\"logprobs\":null");
    }
    if (extra != null) {
      out.members(extra.toString());
    }
    out.ascii("}");
  }

  private static AudioDelta joined(@Nullable AudioDelta whole, AudioDelta piece) {
    if (whole == null) {
      return piece;
    }
    return AudioDelta.newBuilder()
        .setId(piece.getId() == null ? whole.getId() : piece.getId())
        .setData(joined(whole.getData(), piece.getData()))
        .setTranscript(joined(whole.getTranscript(), piece.getTranscript()))
        .setExpiresAt(piece.getExpiresAt() == null ? whole.getExpiresAt() : piece.getExpiresAt())
        .build();
  }

  /** Base64 pieces end at a byte, as OpenAI's SDKs expect when they append them. */
  private static @Nullable String joined(@Nullable String whole, @Nullable String piece) {
    if (whole == null) {
      return piece;
    }
    return piece == null ? whole : whole + piece;
  }

  private static void member(String name, StringBuilder value, Utf8Buffer out) {
    out.ascii(",").string(name).ascii(":").string(value.toString());
  }
}
