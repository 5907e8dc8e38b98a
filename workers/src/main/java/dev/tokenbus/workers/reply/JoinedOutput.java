package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Output in as few deltas as say the same: pieces of one text, thought, refusal or tool call that
 * follow one another in a choice become one.
 *
 * <p>Not thread-safe.
 */
final class JoinedOutput {
  private final List<Entry> entries = new ArrayList<>();
  private final Map<Integer, Entry> lastOfChoice = new HashMap<>();
  private long characters;

  private static final class Entry {
    private final Delta first;
    private @Nullable StringBuilder text;

    private Entry(Delta first) {
      this.first = first;
    }
  }

  void add(Delta delta) {
    characters += DeltaSplitter.characters(delta);
    Entry last = lastOfChoice.get(delta.getChoice());
    if (last != null && continues(last.first, delta)) {
      if (last.text == null) {
        last.text = new StringBuilder(text(last.first.getContent()));
      }
      last.text.append(text(delta.getContent()));
      return;
    }
    Entry entry = new Entry(delta);
    entries.add(entry);
    lastOfChoice.put(delta.getChoice(), entry);
  }

  void addAll(List<Delta> deltas) {
    deltas.forEach(this::add);
  }

  long characters() {
    return characters;
  }

  List<Delta> deltas() {
    List<Delta> joined = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      joined.add(entry.text == null ? entry.first : with(entry.first, entry.text.toString()));
    }
    return joined;
  }

  private static boolean continues(Delta first, Delta next) {
    if (first.getExtra() != null
        || next.getExtra() != null
        || !Objects.equals(first.getBlock(), next.getBlock())) {
      return false;
    }
    return switch (next.getContent()) {
      case TextDelta text -> first.getContent() instanceof TextDelta;
      case RefusalDelta refusal -> first.getContent() instanceof RefusalDelta;
      case ReasoningDelta thought ->
          thought.getSignature() == null
              && first.getContent() instanceof ReasoningDelta begun
              && begun.getSignature() == null
              && Objects.equals(begun.getMember(), thought.getMember());
      case ToolCallDelta call ->
          call.getId() == null
              && call.getName() == null
              && call.getExtra() == null
              && first.getContent() instanceof ToolCallDelta begun
              && begun.getIndex() == call.getIndex();
      case null, default -> false;
    };
  }

  private static String text(Object content) {
    return switch (content) {
      case TextDelta text -> text.getText();
      case RefusalDelta refusal -> refusal.getText();
      case ReasoningDelta thought -> thought.getText();
      case ToolCallDelta call -> call.getArguments();
      default -> throw new IllegalArgumentException("Has no text: " + content.getClass());
    };
  }

  private static Delta with(Delta first, String text) {
    Object content =
        switch (first.getContent()) {
          case TextDelta one -> new TextDelta(text);
          case RefusalDelta one -> new RefusalDelta(text);
          case ReasoningDelta one -> new ReasoningDelta(text, null, one.getMember());
          case ToolCallDelta one ->
              new ToolCallDelta(one.getIndex(), one.getId(), one.getName(), text, one.getExtra());
          case Object other ->
              throw new IllegalArgumentException("Has no text: " + other.getClass());
        };
    return new Delta(first.getChoice(), content, null, first.getBlock());
  }
}
