package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Output in portions that fit into records, however much one read from the provider brought. */
final class DeltaSplitter {
  /** Characters of one record; at four bytes each (the worst) still within the topic's limit. */
  static final int MOST_CHARACTERS = 2 * 1024 * 1024;

  private DeltaSplitter() {}

  static long characters(List<Delta> deltas) {
    long characters = 0;
    for (Delta delta : deltas) {
      characters += characters(delta);
    }
    return characters;
  }

  /** Splits the output, in order; a text that is too long for one record becomes several deltas. */
  static List<List<Delta>> portions(List<Delta> deltas) {
    if (characters(deltas) <= MOST_CHARACTERS) {
      return List.of(deltas);
    }
    List<List<Delta>> portions = new ArrayList<>();
    List<Delta> portion = new ArrayList<>();
    long size = 0;
    for (Delta whole : deltas) {
      for (Delta delta : pieces(whole)) {
        long more = characters(delta);
        if (!portion.isEmpty() && size + more > MOST_CHARACTERS) {
          portions.add(portion);
          portion = new ArrayList<>();
          size = 0;
        }
        portion.add(delta);
        size += more;
      }
    }
    portions.add(portion);
    return portions;
  }

  private static List<Delta> pieces(Delta delta) {
    if (characters(delta) <= MOST_CHARACTERS) {
      return List.of(delta);
    }
    return switch (delta.getContent()) {
      case TextDelta text -> cut(delta, text.getText(), TextDelta::new);
      case RefusalDelta refusal -> cut(delta, refusal.getText(), RefusalDelta::new);
      case ReasoningDelta thought ->
          cut(
              delta,
              thought.getText(),
              piece -> new ReasoningDelta(piece, null, thought.getMember()));
      case ToolCallDelta call ->
          cut(
              delta,
              call.getArguments(),
              piece ->
                  new ToolCallDelta(
                      call.getIndex(), call.getId(), call.getName(), piece, call.getExtra()));
      case null, default -> List.of(delta);
    };
  }

  private static List<Delta> cut(Delta delta, String text, Function<String, Object> content) {
    List<Delta> pieces = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int to = Math.min(text.length(), from + MOST_CHARACTERS / 2);
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to--;
      }
      pieces.add(
          new Delta(
              delta.getChoice(),
              content.apply(text.substring(from, to)),
              pieces.isEmpty() ? delta.getExtra() : null,
              null));
      from = to;
    }
    return pieces;
  }

  static long characters(Delta delta) {
    long extra = delta.getExtra() == null ? 0 : delta.getExtra().length();
    return extra
        + switch (delta.getContent()) {
          case TextDelta text -> text.getText().length();
          case RefusalDelta refusal -> refusal.getText().length();
          case ReasoningDelta thought -> thought.getText().length();
          case ToolCallDelta call -> call.getArguments().length();
          case RawDelta raw -> raw.getJson().length();
          case null, default -> 0;
        };
  }
}
