package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.util.ArrayList;
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
 */
public record Delivered(List<Delta> deltas, boolean ended, @Nullable Completed completed) {
  /**
   * Folds a request's records.
   *
   * @param records in log order
   */
  static Delivered of(Iterable<Reply> records) {
    Collector collector = new Collector();
    records.forEach(collector::add);
    return collector.delivered();
  }

  /** Whether there is any output. */
  boolean isEmpty() {
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

  /** The provider's own word for why the first choice ended; null where it has not. */
  @Nullable String finishReason() {
    for (Delta delta : deltas) {
      if (delta.getChoice() == 0 && delta.getContent() instanceof Finish finish) {
        return finish.getRaw();
      }
    }
    return null;
  }

  /** Folds records as they are read. Not thread-safe. */
  static final class Collector {
    private final ReplyFold fold = new ReplyFold();
    private final List<Delta> deltas = new ArrayList<>();
    private @Nullable Completed completed;

    void add(Reply reply) {
      switch (fold.accept(reply)) {
        case VISIBLE, LAST -> {
          if (reply.getEvent() instanceof Deltas output) {
            deltas.addAll(output.getDeltas());
          } else if (reply.getEvent() instanceof Completed end) {
            completed = end;
          }
        }
        case IGNORED, GAP -> {
          // No reader was given it.
        }
      }
    }

    Delivered delivered() {
      return new Delivered(List.copyOf(deltas), fold.ended(), completed);
    }
  }
}
