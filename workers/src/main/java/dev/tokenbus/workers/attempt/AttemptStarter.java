package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.workers.provider.RefCountedProvider;
import dev.tokenbus.workers.recovery.Capabilities;
import dev.tokenbus.workers.recovery.ReplyHistory;
import dev.tokenbus.workers.reply.ReplyWriters;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Begins runs of dispatched attempts.
 *
 * <p>Thread-safe.
 */
public final class AttemptStarter {
  private final WorkerIdentity worker;
  private final AttemptReporter reporter;
  private final ReplyWriters writers;
  private final RunningAttempts attempts;
  private final ReplyHistory history;
  private final Function<String, Capabilities> capabilities;
  private final InstantSource clock;
  private final LongSupplier claims;
  private final Executor threads;

  /**
   * @param capabilities tells what a model can do, by its name in the catalogue
   * @param claims random numbers other than 0
   * @param threads on which providers are called; may block
   */
  public AttemptStarter(
      WorkerIdentity worker,
      AttemptReporter reporter,
      ReplyWriters writers,
      RunningAttempts attempts,
      ReplyHistory history,
      Function<String, Capabilities> capabilities,
      InstantSource clock,
      LongSupplier claims,
      Executor threads) {
    this.worker = worker;
    this.reporter = reporter;
    this.writers = writers;
    this.attempts = attempts;
    this.history = history;
    this.capabilities = capabilities;
    this.clock = clock;
    this.claims = claims;
    this.threads = threads;
  }

  /**
   * Begins a run, and does not wait: the provider is called while the start is still on its way to
   * the broker.
   *
   * @param onEnded frees the slot; called exactly once
   * @return completes when the start is acknowledged and the dispatch may be taken off its topic
   * @throws IllegalArgumentException if the dispatch cannot be understood; nothing was begun and
   *     onEnded is not called
   */
  public CompletableFuture<Void> begin(
      AttemptDispatched dispatched,
      int deliveryCount,
      RefCountedProvider provider,
      Runnable onEnded) {
    if (!(dispatched.getBody() instanceof ChatRequest body)) {
      throw new IllegalArgumentException("The dispatch has no body that this worker knows");
    }
    AttemptSpec spec = AttemptSpec.of(dispatched, claims.getAsLong());
    if (attempts.knows(spec)) {
      // A redelivery: the acknowledgement of the first delivery was late or failed.
      onEnded.run();
      return CompletableFuture.completedFuture(null);
    }
    RefCountedProvider.Lease lease = provider.lease();
    AttemptRun attempt =
        new AttemptRun(
            spec,
            worker,
            reporter,
            writers,
            history,
            () -> {
              lease.close();
              onEnded.run();
            });
    attempts.add(attempt);
    CompletableFuture<Void> started = reporter.started(spec, deliveryCount);
    Optional<CancelReason> cancelled = attempts.cancelled(spec);
    cancelled.ifPresent(attempt::cancel);
    attempt.check(clock.instant());
    if (!attempt.ended()) {
      threads.execute(
          () -> attempt.start(lease.provider(), body, capabilities.apply(spec.model())));
    }
    return started.exceptionally(problem -> {
      // The failure is reported until the report is acknowledged; the router then dispatches again.
      threads.execute(() -> attempt.startFailed(problem));
      return null;
    });
  }
}
