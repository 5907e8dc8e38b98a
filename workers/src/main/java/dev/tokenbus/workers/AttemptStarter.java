package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
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
final class AttemptStarter {
  private final WorkerIdentity worker;
  private final AttemptReports reports;
  private final ReplyStreams streams;
  private final RunningAttempts attempts;
  private final ReplyHistory history;
  private final Function<String, Abilities> abilities;
  private final InstantSource clock;
  private final LongSupplier claims;
  private final Executor threads;

  /**
   * @param abilities tells what a model can do, by its name in the catalogue
   * @param claims random numbers other than 0
   * @param threads on which providers are called; may block
   */
  AttemptStarter(
      WorkerIdentity worker,
      AttemptReports reports,
      ReplyStreams streams,
      RunningAttempts attempts,
      ReplyHistory history,
      Function<String, Abilities> abilities,
      InstantSource clock,
      LongSupplier claims,
      Executor threads) {
    this.worker = worker;
    this.reports = reports;
    this.streams = streams;
    this.attempts = attempts;
    this.history = history;
    this.abilities = abilities;
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
  CompletableFuture<Void> begin(
      AttemptDispatched dispatched, int deliveryCount, SharedProvider provider, Runnable onEnded) {
    if (!(dispatched.getBody() instanceof ChatRequest body)) {
      throw new IllegalArgumentException("The dispatch has no body that this worker knows");
    }
    Ticket ticket = Ticket.of(dispatched, claims.getAsLong());
    if (attempts.knows(ticket)) {
      // Delivered again, because taking it off its topic came too late or failed.
      onEnded.run();
      return CompletableFuture.completedFuture(null);
    }
    SharedProvider.Lease lease = provider.lease();
    Attempt attempt =
        new Attempt(
            ticket,
            worker,
            reports,
            streams,
            history,
            () -> {
              lease.close();
              onEnded.run();
            });
    attempts.add(attempt);
    CompletableFuture<Void> started = reports.started(ticket, deliveryCount);
    Optional<CancelReason> cancelled = attempts.cancelled(ticket);
    cancelled.ifPresent(attempt::cancel);
    attempt.check(clock.instant());
    if (!attempt.ended()) {
      threads.execute(() -> attempt.start(lease.provider(), body, abilities.apply(ticket.model())));
    }
    return started.exceptionally(problem -> {
      // Its end is reported until it is known, and then the router dispatches anew.
      threads.execute(() -> attempt.startFailed(problem));
      return null;
    });
  }
}
