package dev.tokenbus.workers.provider;

import dev.tokenbus.schemas.avro.Delta;
import java.util.List;

/**
 * Receives the answer to one call. The provider calls it from one thread at a time, and exactly one
 * of {@link #onCompleted} and {@link #onFailed} comes last, unless the call was cancelled.
 *
 * <p>The methods may block to hold back a provider that is faster than the log: a provider calls
 * them on virtual threads and reads nothing more for this call meanwhile.
 */
public interface AnswerListener {
  /** The request is sent as a whole, and nothing holds its body any more. At most once. */
  default void onSent() {}

  /** What the provider says of itself before its output. At most once. */
  void onHead(AnswerHead head);

  /**
   * All output that one read from the provider brought, in order.
   *
   * @param deltas not empty; belongs to the listener
   */
  void onDeltas(List<Delta> deltas);

  /** The answer is complete. */
  void onCompleted(AnswerEnd end);

  /** The answer will not be completed; output received before it stays valid. */
  void onFailed(ProviderFailure failure);
}
