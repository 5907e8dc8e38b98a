package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the router what happens to attempts.
 *
 * <p>Thread-safe.
 */
final class AttemptReports {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptReports.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final EventLog log;
  private final WorkerIdentity worker;
  private final InstantSource clock;
  private final Executor threads;
  private volatile boolean closed;

  /**
   * @param threads may block
   */
  AttemptReports(EventLog log, WorkerIdentity worker, InstantSource clock, Executor threads) {
    this.log = log;
    this.worker = worker;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Reports that a run begins.
   *
   * @return completes when the broker has acknowledged it
   */
  CompletableFuture<Void> started(Ticket ticket, int deliveryCount) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    send(event(ticket, new AttemptStarted(deliveryCount)), acknowledged);
    return acknowledged;
  }

  /**
   * Reports until the broker has acknowledged: without this record the router would wait for the
   * request's deadline.
   *
   * @return completes when the broker has acknowledged it, or exceptionally when the worker closed
   *     before
   */
  CompletableFuture<Void> finished(Ticket ticket, AttemptFinished finished) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    sendUntilAcknowledged(event(ticket, finished), acknowledged);
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

  private void send(AttemptEvent event, CompletableFuture<Void> acknowledged) {
    log.send(
        Topics.ATTEMPTS.name(),
        null,
        event.getTenant(),
        event,
        (metadata, problem) -> {
          if (problem == null) {
            acknowledged.complete(null);
          } else {
            acknowledged.completeExceptionally(problem);
          }
        });
  }

  private AttemptEvent event(Ticket ticket, Object event) {
    return new AttemptEvent(
        ticket.requestId().toString(),
        ticket.tenant(),
        ticket.attempt(),
        ticket.claim(),
        ticket.provider(),
        ticket.model(),
        worker.workerId(),
        worker.epoch(),
        clock.instant(),
        event);
  }

  /** From now on a report that fails is not tried again. */
  void close() {
    closed = true;
  }
}
