package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what a request's records delivered, in log order, from its first record or from a
 * checkpoint.
 *
 * <p>Not thread-safe.
 */
final class DeliveredFold {
  private final ReplyFold fold;
  private final List<Delta> before;
  private final List<Long> checkpoints;
  private final List<Delta> deltas = new ArrayList<>();
  private @Nullable Completed completed;
  private Delivered.Integrity integrity = Delivered.Integrity.WHOLE;

  private DeliveredFold(ReplyFold fold, List<Delta> before, List<Long> checkpoints) {
    this.fold = fold;
    this.before = before;
    this.checkpoints = checkpoints;
  }

  /** A fold that begins at the request's first record. */
  static DeliveredFold fromTheBeginning() {
    return new DeliveredFold(new ReplyFold(), List.of(), List.of());
  }

  /**
   * A fold that begins behind a checkpoint.
   *
   * @param before the output that the checkpoint stands for
   * @param reply the record of the checkpoint
   * @param offset at which it stands
   */
  static DeliveredFold behind(List<Delta> before, Checkpoint checkpoint, Reply reply, long offset) {
    List<Long> offsets = new ArrayList<>(checkpoint.getPrevious());
    offsets.add(offset);
    return new DeliveredFold(ReplyFold.behind(reply), before, offsets);
  }

  void add(Reply reply) {
    switch (fold.accept(reply)) {
      case VISIBLE, LAST -> {
        if (reply.getEvent() instanceof Deltas output) {
          deltas.addAll(output.getDeltas());
        } else if (reply.getEvent() instanceof Completed end) {
          completed = end;
        }
      }
      case GAP -> note(Delivered.Integrity.GAP);
      case UNREADABLE -> note(Delivered.Integrity.UNREADABLE);
      case IGNORED -> {
        // No reader shows it.
      }
    }
  }

  /** Takes a record of which only the header could be read; null where not even that. */
  void addUnreadable(@Nullable ReplyHeader header) {
    if (header == null || fold.accept(header) != ReplyFold.Verdict.IGNORED) {
      note(Delivered.Integrity.UNREADABLE);
    }
  }

  private void note(Delivered.Integrity problem) {
    if (integrity == Delivered.Integrity.WHOLE) {
      integrity = problem;
    }
  }

  Delivered delivered() {
    List<Delta> all = new ArrayList<>(before);
    all.addAll(deltas);
    return new Delivered(
        all, fold.ended(), completed, integrity, fold.attempt(), fold.owner(), checkpoints, deltas);
  }
}
