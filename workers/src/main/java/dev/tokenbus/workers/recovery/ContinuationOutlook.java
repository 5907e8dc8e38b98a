package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import java.util.List;
import java.util.Optional;

/**
 * Whether another worker could go on from what the client of a run has been given so far, other
 * than by the same answer once more. It looks at what was delivered as {@link RecoveryPlan} does.
 *
 * <p>Thread-safe.
 */
public final class ContinuationOutlook {
  private boolean prefill;
  private boolean instruction;
  private boolean begun;
  private boolean onlyText = true;
  private boolean canBePrefilled;

  /** What was asked for, and what policy and the deployment allow. */
  public synchronized void asked(ChatRequest body, Capabilities can) {
    boolean one = ContinuedRequest.choices(body) == 1;
    prefill = one && can.allowed() && can.prefill();
    instruction =
        one && can.allowed() && can.instruction() && ContinuedRequest.canBeInstructed(body);
  }

  /** The client is given this, or has been by an earlier attempt. */
  public synchronized void delivered(List<Delta> deltas) {
    for (Delta delta : deltas) {
      begun = true;
      Optional<String> text = ContinuedRequest.text(delta);
      onlyText &= text.isPresent();
      text.filter(piece -> !piece.isEmpty())
          .ifPresent(piece -> canBePrefilled = ContinuedRequest.canBePrefilled(piece));
    }
  }

  /** Whether the stream would go on if the run ended now. */
  public synchronized boolean isGood() {
    return !begun || (onlyText && (instruction || (prefill && canBePrefilled)));
  }
}
