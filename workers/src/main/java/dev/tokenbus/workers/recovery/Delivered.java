package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every reader of a request has been given before a fence: the fold of its records up to
 * there. Nothing that a half-dead predecessor writes behind the fence changes it.
 *
 * @param deltas the output delivered, in order
 * @param ended whether the answer's last record stands there
 * @param completed the last record, where the answer is complete
 * @param integrity whether the deltas are all that was delivered
 * @param attempt the attempt that owned the stream before the fence; -1 before any record
 * @param owner the claim that owned it
 * @param checkpoints offsets of the checkpoints that hold the beginning of the output, in order;
 *     empty where it was read from its first record
 * @param sinceCheckpoint the output behind the last of them
 */
public record Delivered(
    List<Delta> deltas,
    boolean ended,
    @Nullable Completed completed,
    Integrity integrity,
    int attempt,
    long owner,
    List<Long> checkpoints,
    List<Delta> sinceCheckpoint) {
  /** Whether a reader can know all that was delivered. */
  public enum Integrity {
    WHOLE,
    /** The log has lost a record of the stream. */
    GAP,
    /** A newer version wrote a record that this one cannot read. */
    UNREADABLE
  }

  public Delivered {
    deltas = List.copyOf(deltas);
    checkpoints = List.copyOf(checkpoints);
    sinceCheckpoint = List.copyOf(sinceCheckpoint);
  }

  /** Output of which all records were read. */
  public static Delivered whole(List<Delta> deltas, boolean ended, @Nullable Completed completed) {
    return new Delivered(deltas, ended, completed, Integrity.WHOLE, 1, 0, List.of(), deltas);
  }

  /** Whether there is any output. */
  public boolean isEmpty() {
    return deltas.isEmpty();
  }

  /** Whether each of so many choices has been brought to its end. */
  boolean allFinished(int choices) {
    BitSet finished = new BitSet();
    for (Delta delta : deltas) {
      if (delta.getContent() instanceof Finish) {
        finished.set(delta.getChoice());
      }
    }
    return finished.cardinality() >= choices;
  }

  /** The provider's own finish reason of the first choice; null where it has not ended. */
  @Nullable String finishReason() {
    for (Delta delta : deltas) {
      if (delta.getChoice() == 0 && delta.getContent() instanceof Finish finish) {
        return finish.getRaw();
      }
    }
    return null;
  }
}
