package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.AudioDelta;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.ImageDelta;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import dev.tokenbus.schemas.avro.ToolResultDelta;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Drops from a regenerated answer the prefix that the client has, and lets the rest through. The
 * two may be cut into pieces differently; what counts is the text of each kind, in order, for each
 * choice. Ids of tool calls differ from one answer to the next and are not compared: the client
 * keeps the ones it has.
 *
 * <p>Not thread-safe.
 */
public final class PrefixFilter {
  /** The regenerated answer differs from the delivered prefix. */
  public static final class DivergedException extends Exception {
    private static final long serialVersionUID = 1L;

    DivergedException(String message) {
      super(message);
    }
  }

  /** What tells pieces apart whose texts may be joined. */
  private record Kind(Class<?> type, int toolCall) {
    static Kind of(Object content) {
      return new Kind(
          content.getClass(), content instanceof ToolCallDelta call ? call.getIndex() : -1);
    }

    String name() {
      return type.getSimpleName();
    }
  }

  private static final class Piece {
    private final Kind kind;
    private final StringBuilder text;

    private Piece(Kind kind, String text) {
      this.kind = kind;
      this.text = new StringBuilder(text);
    }
  }

  private final Map<Integer, Deque<Piece>> expected = new HashMap<>();

  PrefixFilter(List<Delta> delivered) {
    for (Delta delta : delivered) {
      String text = text(delta.getContent());
      if (text.isEmpty()) {
        continue;
      }
      Deque<Piece> pieces =
          expected.computeIfAbsent(delta.getChoice(), choice -> new ArrayDeque<>());
      Kind kind = Kind.of(delta.getContent());
      Piece last = pieces.peekLast();
      if (last != null && last.kind.equals(kind)) {
        last.text.append(text);
      } else {
        pieces.addLast(new Piece(kind, text));
      }
    }
  }

  /** Whether everything delivered has been repeated. */
  public boolean done() {
    return expected.values().stream().allMatch(Deque::isEmpty);
  }

  /**
   * What of the output is new.
   *
   * @throws DivergedException if it does not repeat what was delivered
   */
  public List<Delta> accept(List<Delta> deltas) throws DivergedException {
    List<Delta> fresh = new ArrayList<>();
    for (Delta delta : deltas) {
      Delta rest = accept(delta);
      if (rest != null) {
        fresh.add(rest);
      }
    }
    return fresh;
  }

  private @Nullable Delta accept(Delta delta) throws DivergedException {
    Deque<Piece> pieces = expected.getOrDefault(delta.getChoice(), new ArrayDeque<>(0));
    Piece next = pieces.peekFirst();
    if (next == null) {
      return delta;
    }
    Kind kind = Kind.of(delta.getContent());
    String text = text(delta.getContent());
    if (text.isEmpty()) {
      return null;
    }
    if (delta.getContent() instanceof Finish && !next.kind.type().equals(Finish.class)) {
      // Too short. That is for done() to say when the answer is over and its usage known.
      return null;
    }
    if (!next.kind.equals(kind)) {
      throw new DivergedException(
          "the new answer goes on with %s where the client was given %s"
              .formatted(kind.name(), next.kind.name()));
    }
    int common = Math.min(next.text.length(), text.length());
    if (!text.startsWith(next.text.substring(0, common))) {
      throw new DivergedException("the new answer differs from what the client was given");
    }
    next.text.delete(0, common);
    if (next.text.isEmpty()) {
      pieces.removeFirst();
    }
    if (common == text.length()) {
      return null;
    }
    if (!pieces.isEmpty()) {
      throw new DivergedException(
          "the new answer has more " + kind.name() + " than the client was given");
    }
    return continued(delta, text.substring(common));
  }

  /** The rest of a piece whose beginning the client has. */
  private static Delta continued(Delta delta, String rest) {
    Object content = delta.getContent();
    Object shortened =
        switch (content) {
          case TextDelta text -> new TextDelta(rest);
          case RefusalDelta refusal -> new RefusalDelta(rest);
          case ReasoningDelta thought ->
              new ReasoningDelta(rest, thought.getSignature(), thought.getMember());
          case ToolCallDelta call ->
              new ToolCallDelta(call.getIndex(), null, null, rest, call.getExtra());
          default -> content;
        };
    return new Delta(delta.getChoice(), shortened, delta.getExtra(), null);
  }

  /** What must be repeated of a piece. A tool call's name stands before its arguments. */
  private static String text(Object content) {
    return switch (content) {
      case TextDelta text -> text.getText();
      case RefusalDelta refusal -> refusal.getText();
      case ReasoningDelta thought -> thought.getText();
      case ToolCallDelta call ->
          (call.getName() == null ? "" : call.getName() + "\n") + call.getArguments();
      case Finish finish -> finish.getRaw() + "\n";
      case RawDelta raw -> raw.getJson() + "\n";
      case ImageDelta image -> image.getUrl() + "\n" + image.getData() + "\n";
      case AudioDelta audio -> audio.getData() + "\n" + audio.getTranscript() + "\n";
      case ToolResultDelta result -> result.getJson() + "\n";
      // Blocks, signatures, citations, log probabilities and counts differ from run to run.
      default -> "";
    };
  }
}
