package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.workers.reply.RecordProducer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the start and the end of runs to the router, and to other workers that their runs are
 * over.
 *
 * <p>Thread-safe.
 */
public final class AttemptReporter {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptReporter.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final RecordProducer producer;
  private final WorkerIdentity worker;
  private final InstantSource clock;
  private final Executor threads;
  private volatile boolean closed;

  /**
   * @param threads may block
   */
  public AttemptReporter(
      RecordProducer producer, WorkerIdentity worker, InstantSource clock, Executor threads) {
    this.producer = producer;
    this.worker = worker;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Reports that a run begins.
   *
   * @return completes when the broker has acknowledged it
   */
  CompletableFuture<Void> started(AttemptSpec spec, int deliveryCount) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    send(event(spec, new AttemptStarted(deliveryCount)), acknowledged);
    return acknowledged;
  }

  /**
   * Reports until the broker has acknowledged: without this record the router would wait for the
   * request's deadline.
   *
   * @return completes when the broker has acknowledged it, or exceptionally when the worker closed
   *     before
   */
  CompletableFuture<Void> finished(AttemptSpec spec, AttemptFinished finished) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    sendUntilAcknowledged(event(spec, finished), acknowledged);
    return acknowledged;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a failure leads to the next try
  private void sendUntilAcknowledged(AttemptEvent event, CompletableFuture<Void> acknowledged) {
    CompletableFuture<Void> once = new CompletableFuture<>();
    send(event, once);
    once.whenComplete((done, problem) -> {
      if (problem == null) {
        acknowledged.complete(null);
      } else if (closed) {
        acknowledged.completeExceptionally(problem);
      } else {
        LOG.atWarn()
            .setCause(problem)
            .addKeyValue("request_id", event.getRequestId())
            .log("the end of an attempt could not be reported yet");
        CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS, threads)
            .execute(() -> sendUntilAcknowledged(event, acknowledged));
      }
    });
  }

  /**
   * Reports until the broker has acknowledged that the predecessor's stream goes on.
   *
   * @return as for {@link #finished}
   */
  CompletableFuture<Void> declined(AttemptSpec spec, AttemptDeclined declined) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    sendUntilAcknowledged(event(spec, declined), acknowledged);
    return acknowledged;
  }

  /**
   * Stops the predecessors of a run whose fence stands: nobody sees what they write any more, but a
   * provider would go on for them. A command that gets lost costs that and nothing else, so it is
   * not sent again.
   */
  void fencedOff(AttemptSpec spec) {
    Cancel predecessors =
        Cancel.newBuilder()
            .setReason(CancelReason.SUPERSEDED)
            .setUpToAttempt(spec.attempt() - 1)
            .build();
    producer.send(
        Topics.CONTROL.name(),
        null,
        spec.requestId().toString(),
        new Control(spec.requestId().toString(), spec.tenant(), clock.instant(), predecessors),
        (metadata, problem) -> {
          if (problem != null) {
            LOG.atWarn()
                .setCause(problem)
                .addKeyValue("request_id", spec.requestId())
                .log("the run that was fenced off could not be stopped");
          }
        });
  }

  private void send(AttemptEvent event, CompletableFuture<Void> acknowledged) {
    producer.send(
        Topics.ATTEMPTS.name(),
        null,
        event.getLane() == null ? event.getTenant() : event.getLane(),
        event,
        (metadata, problem) -> {
          if (problem == null) {
            acknowledged.complete(null);
          } else {
            acknowledged.completeExceptionally(problem);
          }
        });
  }

  private AttemptEvent event(AttemptSpec spec, Object event) {
    return new AttemptEvent(
        spec.requestId().toString(),
        spec.tenant(),
        spec.attempt(),
        spec.claim(),
        spec.provider(),
        spec.model(),
        worker.workerId(),
        worker.epoch(),
        clock.instant(),
        event,
        spec.lane());
  }

  /** From now on a report that fails is not tried again. */
  public void close() {
    closed = true;
  }
}
