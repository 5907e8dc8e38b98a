package dev.tokenbus.bench.provider.encoding;

import java.util.List;

/**
 * A whole answer, decided before its first byte is sent.
 *
 * @param id such as {@code chatcmpl-…}
 * @param created seconds since 1970
 */
public record Answer(
    String id, long created, String model, List<Choice> choices, TokenUsage usage) {
  public Answer {
    choices = List.copyOf(choices);
  }

  /** One of the {@code n} alternatives. */
  public record Choice(int index, List<Piece> pieces, String finishReason) {
    public Choice {
      pieces = List.copyOf(pieces);
    }
  }

  /** What OpenAI's {@code usage} says; reasoning is part of completion, cached of prompt. */
  public record TokenUsage(int prompt, int cached, int completion, int reasoning) {}

  /** The text of the first choice, token by token. */
  public List<String> text() {
    return choices.stream()
        .limit(1)
        .flatMap(choice -> choice.pieces().stream())
        .filter(piece -> piece instanceof Piece.Text text && text.field().equals("content"))
        .map(piece -> ((Piece.Text) piece).text())
        .toList();
  }

  /** The number of deltas of the longest choice. */
  public int length() {
    return choices.stream().mapToInt(choice -> choice.pieces().size()).max().orElse(0);
  }
}
