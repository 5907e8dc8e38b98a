package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.reply.ReplyWriter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Opens the reply stream of one run, once.
 *
 * <p>Thread-safe for one writer.
 */
final class StreamOpening {
  private final AttemptSpec spec;
  private final WorkerIdentity worker;
  private final ReplyWriter replies;
  private final CheckpointSchedule checkpoints;
  private volatile boolean opened;

  StreamOpening(
      AttemptSpec spec,
      WorkerIdentity worker,
      ReplyWriter replies,
      CheckpointSchedule checkpoints) {
    this.spec = spec;
    this.worker = worker;
    this.replies = replies;
    this.checkpoints = checkpoints;
  }

  /** Opens the stream of a first attempt when the provider has said what it is. */
  void fresh(@Nullable Provider provider, AnswerHead head) {
    if (!opened && provider != null) {
      CompletableFuture<Long> _ = open(provider, head, Continuation.FRESH);
    }
  }

  /**
   * Closes off what predecessors write, before anything is known of the answer.
   *
   * @return the offset of the fence
   */
  CompletableFuture<Long> fence(Provider provider, Continuation continuation) {
    return open(provider, AnswerHead.UNKNOWN, continuation);
  }

  private CompletableFuture<Long> open(
      Provider provider, AnswerHead head, Continuation continuation) {
    opened = true;
    String named = head.model();
    Opened record =
        Opened.newBuilder()
            .setProvider(spec.provider())
            .setModel(named == null ? spec.upstreamModel() : named)
            .setContinuation(continuation)
            .setSystemFingerprint(head.systemFingerprint())
            .setServiceTier(head.serviceTier())
            .setAnswerId(head.answerId())
            .setWorkerId(worker.workerId())
            .setWorkerEpoch(worker.epoch())
            .setRendering(spec.rendering())
            .setDialect(provider.dialect())
            .build();
    CompletableFuture<Long> offset = replies.open(record);
    checkpoints.opened(record, offset);
    return offset;
  }
}
