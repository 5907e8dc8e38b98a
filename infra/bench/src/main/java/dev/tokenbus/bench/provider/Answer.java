package dev.tokenbus.bench.provider;

import java.util.List;

/**
 * A whole answer, decided before its first byte is sent.
 *
 * @param id such as {@code chatcmpl-…}
 * @param created seconds since 1970
 */
record Answer(String id, long created, String model, List<Choice> choices, TokenUsage usage) {
  Answer {
    choices = List.copyOf(choices);
  }

  /** One of the {@code n} alternatives. */
  record Choice(int index, List<Piece> pieces, String finishReason) {
    Choice {
      pieces = List.copyOf(pieces);
    }
  }

  /** What OpenAI's {@code usage} says; reasoning is part of completion, cached of prompt. */
  record TokenUsage(int prompt, int cached, int completion, int reasoning) {}

  /** The number of deltas of the longest choice. */
  int length() {
    return choices.stream().mapToInt(choice -> choice.pieces().size()).max().orElse(0);
  }
}
