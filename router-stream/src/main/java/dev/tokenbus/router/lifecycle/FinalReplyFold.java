package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link FinalReply} of a request among its records, by the fold that all readers use.
 *
 * <p>One instance per request; not thread-safe.
 */
public final class FinalReplyFold {
  private final ReplyFold fold = new ReplyFold();
  private final DeliveredTally tally = new DeliveredTally();
  private @Nullable Opened opened;
  private @Nullable Instant openedAt;
  private @Nullable String finishReason;
  private @Nullable FinalReply reply;
  private boolean unreadable;

  /** Takes the next record of the request in log order. */
  public void accept(Reply next) {
    switch (fold.accept(next)) {
      case VISIBLE -> note(next);
      case LAST -> reply = last(next);
      case IGNORED, GAP, UNREADABLE -> {
        // No reader shows it.
      }
    }
  }

  /** Takes the next record of the request where only its header can be read. */
  public void accept(ReplyHeader next) {
    unreadable |= fold.accept(next) == ReplyFold.Verdict.UNREADABLE;
  }

  /**
   * Null as long as none has been read, or where a record that clients may see cannot be read by
   * this version.
   */
  public @Nullable FinalReply reply() {
    return unreadable ? null : reply;
  }

  /** Whether nothing behind what was read can matter. */
  public boolean ended() {
    return reply != null;
  }

  /**
   * What stands where the log is not read any further: the router's own word, with the output that
   * was found till then. Null where a record cannot be read by this version.
   */
  public @Nullable FinalReply givenUp() {
    return unreadable ? null : new FinalReply.NoAnswer(tally.delivered());
  }

  private void note(Reply next) {
    switch (next.getEvent()) {
      case Opened record -> {
        opened = record;
        openedAt = next.getAt();
        tally.opened(next, record);
      }
      case Deltas deltas -> {
        for (Delta delta : deltas.getDeltas()) {
          tally.delta(next, delta);
          if (delta.getChoice() == 0 && delta.getContent() instanceof Finish finish) {
            finishReason = finish.getRaw();
          }
        }
      }
      case Checkpoint checkpoint -> tally.checkpoint(checkpoint);
      case null, default -> {
        // Says nothing of the answer.
      }
    }
  }

  private FinalReply last(Reply end) {
    Opened source = opened;
    Instant from = openedAt;
    if (!(end.getEvent() instanceof Completed completed) || source == null || from == null) {
      return new FinalReply.NoAnswer(tally.delivered());
    }
    return new FinalReply.Answer(
        end.getAttempt(),
        end.getClaim(),
        source.getProvider(),
        source.getModel(),
        completed.getUsage(),
        completed.getProviderRequestId(),
        finishReason,
        Math.max(0, end.getAt().toEpochMilli() - from.toEpochMilli()),
        end.getAt());
  }
}
