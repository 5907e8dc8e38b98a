package dev.tokenbus.chaos.client;

import java.time.Duration;
import java.util.List;

/**
 * How a request ended, as its client saw it.
 *
 * @param interruptions how often the connection broke or the answer was a refusal
 * @param stalls pauses of more than a second without a new token
 * @param detail for people; empty if the answer was correct
 * @param text of a whole answer that nobody could foresee, to be judged later; otherwise empty
 */
public record ClientResult(
    ClientRequest request,
    Outcome outcome,
    int interruptions,
    List<Duration> stalls,
    String detail,
    String text) {
  /** How a request can end. */
  public enum Outcome {
    /** The text was correct to the letter. */
    CORRECT,
    /** The text differs, ends too early and looks finished, or cannot be read. */
    WRONG_TEXT,
    /** The API answered with an error that is not worth repeating. */
    FAILED,
    /** The request did not end in time. */
    LOST,
    /** The client disconnected on purpose. */
    ABANDONED
  }

  public ClientResult {
    stalls = List.copyOf(stalls);
  }

  /** The same with a text that turned out to be wrong. */
  public ClientResult wrong(String why) {
    return new ClientResult(request, Outcome.WRONG_TEXT, interruptions, stalls, why, text);
  }
}
