package dev.tokenbus.chaos.answer;

import dev.tokenbus.schemas.chat.TokenEstimate;
import java.util.List;

/**
 * How the text of an answer came about, and hence what may be billed for it. Nobody counts what a
 * killed worker has delivered, so that is billed as an estimate.
 *
 * @param begun delivered before the last call, by workers that were killed
 * @param last the tokens of the call that ended the answer
 * @param calls that were made for the request
 */
record DeliveredAnswer(String begun, List<String> last, int calls) {
  DeliveredAnswer {
    last = List.copyOf(last);
  }

  /** The fewest tokens of output that were delivered. */
  long least() {
    return TokenEstimate.of(begun) + last.size();
  }

  /**
   * The most. The end is estimated where its count was lost with a worker, and each call may have
   * begun in the middle of a word that the estimate takes for one.
   */
  long most() {
    long estimate = last.stream().mapToLong(TokenEstimate::of).sum();
    return TokenEstimate.of(begun) + calls + Math.max(last.size(), estimate);
  }
}
