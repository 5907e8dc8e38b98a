package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.runtime.json.DeltaMerger;
import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import org.jspecify.annotations.Nullable;

/** A tool call, assembled from its deltas. Not thread-safe. */
final class OpenAiToolCall {
  private final StringBuilder arguments = new StringBuilder();
  private String id = "";
  private String name = "";
  private @Nullable ObjectNode extra;

  void add(ToolCallDelta piece, boolean nativeExtra) {
    if (piece.getId() != null) {
      id = piece.getId();
    }
    if (piece.getName() != null) {
      name = piece.getName();
    }
    arguments.append(piece.getArguments());
    if (nativeExtra && piece.getExtra() != null) {
      extra = DeltaMerger.joined(extra, piece.getExtra());
    }
  }

  void write(Utf8Buffer out) {
    out.ascii("{\"id\":").string(id);
    out.ascii(",\"type\":\"function\",\"function\":{\"name\":").string(name);
    out.ascii(",\"arguments\":").string(arguments.toString()).ascii("}");
    if (extra != null) {
      out.members(extra.toString());
    }
    out.ascii("}");
  }
}
