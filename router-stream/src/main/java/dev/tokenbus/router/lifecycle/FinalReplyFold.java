package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
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
  private @Nullable Opened opened;
  private @Nullable Instant openedAt;
  private @Nullable String finishReason;
  private @Nullable FinalReply word;

  /** Takes the next record of the request in log order. */
  public void accept(Reply reply) {
    switch (fold.accept(reply)) {
      case VISIBLE -> note(reply);
      case LAST -> word = last(reply);
      case IGNORED, GAP -> {
        // No reader shows it.
      }
    }
  }

  /** Null as long as none has been read. */
  public @Nullable FinalReply word() {
    return word;
  }

  private void note(Reply reply) {
    if (reply.getEvent() instanceof Opened record) {
      opened = record;
      openedAt = reply.getAt();
    } else if (reply.getEvent() instanceof Deltas deltas) {
      for (Delta delta : deltas.getDeltas()) {
        if (delta.getChoice() == 0 && delta.getContent() instanceof Finish finish) {
          finishReason = finish.getRaw();
        }
      }
    }
  }

  private FinalReply last(Reply reply) {
    Opened source = opened;
    Instant from = openedAt;
    if (!(reply.getEvent() instanceof Completed completed) || source == null || from == null) {
      return new FinalReply.NoAnswer();
    }
    return new FinalReply.Answer(
        reply.getAttempt(),
        source.getProvider(),
        source.getModel(),
        completed.getUsage(),
        completed.getProviderRequestId(),
        finishReason,
        Math.max(0, reply.getAt().toEpochMilli() - from.toEpochMilli()),
        reply.getAt());
  }
}
