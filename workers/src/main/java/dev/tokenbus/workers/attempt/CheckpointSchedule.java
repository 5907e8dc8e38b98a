package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.StreamHistory;
import dev.tokenbus.workers.reply.ReplyWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the checkpoints of one run: one every few seconds while the stream is open, also while it
 * is silent. A run that has not read what came before makes sure from the log, ahead of its first
 * checkpoint, that it owns its attempt: a reader may begin at a checkpoint and could not tell.
 *
 * <p>Thread-safe.
 */
final class CheckpointSchedule {
  static final Duration INTERVAL = Duration.ofSeconds(5);

  /** From this level on readers know checkpoints. */
  private static final int CHECKPOINT_LEVEL = 2;

  /** So much output is not left without a checkpoint, however little time has passed. */
  private static final long MOST_CHARACTERS = 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointSchedule.class);

  private enum Ownership {
    UNKNOWN,
    ASKED,
    OWNED,
    LOST
  }

  private final AttemptSpec spec;
  private final RunContext context;
  private final ReplyWriter replies;
  private final Supplier<TokenUsage> usage;
  private final boolean kept;
  private volatile @Nullable Opened opening;
  private volatile long openedAt = -1;
  private volatile Ownership ownership = Ownership.UNKNOWN;
  private volatile @Nullable Instant due;

  /**
   * @param usage of the answer so far
   */
  CheckpointSchedule(
      AttemptSpec spec, RunContext context, ReplyWriter replies, Supplier<TokenUsage> usage) {
    this.spec = spec;
    this.context = context;
    this.replies = replies;
    this.usage = usage;
    kept =
        spec.rendering() != null
            && spec.rendering().getStream()
            && context.formatLevel().getAsInt() >= CHECKPOINT_LEVEL;
    if (kept && spec.rendering() != null) {
      replies.keepCheckpoints(spec.rendering());
    }
  }

  /** The stream has been opened. */
  void opened(Opened record, CompletableFuture<Long> offset) {
    opening = record;
    CompletableFuture<Void> _ = offset.thenAccept(stands -> openedAt = stands);
  }

  /**
   * The run goes on from what it has read of its predecessors, and has seen that it owns. It writes
   * a checkpoint at once: if it dies early, the next run must not read everything again.
   */
  void continues(Delivered delivered) {
    ownership = Ownership.OWNED;
    List<Delta> all = delivered.deltas();
    List<Delta> since = delivered.sinceCheckpoint();
    replies.continueCheckpoints(
        delivered.checkpoints(), all.subList(0, all.size() - since.size()), since);
    if (kept && !all.isEmpty()) {
      write();
    }
  }

  /** Writes a checkpoint if one is due. Does not block. */
  void check(Instant now) {
    if (!kept || openedAt < 0 || ownership == Ownership.LOST || ownership == Ownership.ASKED) {
      return;
    }
    Instant next = due;
    if (next == null) {
      due = now.plus(INTERVAL);
      return;
    }
    if (now.isBefore(next) && replies.uncheckpointed() < MOST_CHARACTERS) {
      return;
    }
    due = now.plus(INTERVAL);
    if (ownership == Ownership.UNKNOWN) {
      ownership = Ownership.ASKED;
      askForOwnership();
    } else {
      context.threads().execute(this::write);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback takes both outcomes
  private void askForOwnership() {
    context
        .history()
        .read(new StreamHistory.Query(spec.requestId(), spec.repliesFrom(), openedAt + 1, null))
        .whenCompleteAsync(
            (delivered, problem) -> {
              if (problem != null) {
                // Tried again when the next checkpoint is due.
                ownership = Ownership.UNKNOWN;
                LOG.atWarn()
                    .setCause(problem)
                    .addKeyValue("request_id", spec.requestId())
                    .log("the ownership of an attempt could not be read yet");
              } else if (delivered.attempt() == spec.attempt()
                  && delivered.owner() == spec.claim()) {
                ownership = Ownership.OWNED;
                write();
              } else {
                ownership = Ownership.LOST;
              }
            },
            context.threads());
  }

  private void write() {
    Opened record = opening;
    if (record != null) {
      replies.checkpoint(record, usage.get());
    }
  }
}
