package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.recovery.Capabilities;
import dev.tokenbus.workers.recovery.ContinuationStrategy;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.PrefixFilter;
import dev.tokenbus.workers.recovery.RecoveryPlan;
import dev.tokenbus.workers.recovery.ReplyHistory;
import dev.tokenbus.workers.reply.ReplyWriter;
import dev.tokenbus.workers.reply.ReplyWriters;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One run of one attempt, from the call to the provider to the report of its end. It ends exactly
 * once, by whichever comes first: the answer's end, a failure, a time-out or a cancel.
 *
 * <p>Thread-safe.
 */
final class AttemptRun {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptRun.class);
  private static final AnswerHead UNKNOWN_HEAD = new AnswerHead(null, null, null, null);

  private final AttemptSpec spec;
  private final WorkerIdentity worker;
  private final AttemptReporter reporter;
  private final ReplyWriter replies;
  private final Runnable onEnded;
  private final CompletableFuture<Void> reported = new CompletableFuture<>();
  private final AtomicReference<@Nullable AttemptEnd> end = new AtomicReference<>();
  private final CallTimings timings = new CallTimings();
  private volatile AnswerHead head = UNKNOWN_HEAD;
  private final ReplyHistory history;
  private final CurrentCall call = new CurrentCall();
  private volatile boolean opened;

  private volatile UsageTally tally = new UsageTally(null, null);

  /**
   * What the run has used.
   *
   * @param spent by calls whose answers came to nothing
   * @param listener of the call that runs, or ran last, unless it is in {@code spent}
   */
  private record UsageTally(@Nullable TokenUsage spent, @Nullable CallListener listener) {}

  /**
   * @param onEnded frees the slot; called once, when the provider is no longer being called
   */
  AttemptRun(
      AttemptSpec spec,
      WorkerIdentity worker,
      AttemptReporter reporter,
      ReplyWriters writers,
      ReplyHistory history,
      Runnable onEnded) {
    this.spec = spec;
    this.worker = worker;
    this.reporter = reporter;
    this.history = history;
    this.onEnded = onEnded;
    this.replies =
        writers.open(spec.requestId(), spec.attempt(), spec.claim(), this::onStreamFailure);
  }

  AttemptSpec spec() {
    return spec;
  }

  boolean ended() {
    return end.get() != null;
  }

  /**
   * Completes when the router has been told of the end; exceptionally if the worker closed before
   * the report was acknowledged.
   */
  CompletableFuture<Void> reported() {
    return reported;
  }

  /**
   * Calls the provider, or first finds out what its predecessors delivered. Returns when the call
   * is under way; may block.
   *
   * @param capabilities of the model
   */
  void start(Provider provider, ChatRequest body, Capabilities capabilities) {
    try {
      if (spec.attempt() == 1) {
        ask(provider, List.of(new ContinuationStrategy.Fresh(body)));
      } else {
        takeOver(provider, body, capabilities);
      }
    } catch (RuntimeException e) {
      broke(e);
    }
  }

  private void takeOver(Provider provider, ChatRequest body, Capabilities capabilities) {
    long fence = open(capabilities.prefill() ? Continuation.PREFILL : Continuation.REPEAT).join();
    Delivered delivered = history.read(spec.requestId(), spec.repliesFrom(), fence).join();
    switch (RecoveryPlan.of(delivered, body, capabilities)) {
      case RecoveryPlan.Ask(List<ContinuationStrategy> strategies) -> ask(provider, strategies);
      case RecoveryPlan.LastRecordMissing missing ->
          end(
              new AttemptEnd.Succeeded(
                  new AnswerEnd(
                      new OutputMeter(body).estimateWith(delivered.deltas()),
                      missing.finishReason(),
                      null)));
      case RecoveryPlan.Complete complete ->
          end(new AttemptEnd.Found(complete.completed(), complete.finishReason()));
      case RecoveryPlan.Over() -> end(new AttemptEnd.Cancelled(CancelReason.SUPERSEDED));
    }
  }

  /** Calls the provider with the first of the strategies. */
  private void ask(Provider provider, List<ContinuationStrategy> strategies) {
    if (end.get() != null) {
      return;
    }
    ContinuationStrategy strategy = strategies.getFirst();
    CallListener listener =
        new CallListener(provider, strategy, strategies.subList(1, strategies.size()));
    tally = new UsageTally(tally.spent(), listener);
    timings.begin();
    call.make(() ->
        provider.start(
            new ProviderRequest(spec.requestId().toString(), spec.upstreamModel(), strategy.body()),
            listener));
  }

  /** Receives the answer to one call. */
  private final class CallListener implements AnswerListener {
    private final Provider provider;
    private final Continuation strategy;
    private final OutputMeter meter;

    /** Removes the prefix that the client has; only the thread that reads the answer uses it. */
    private final @Nullable PrefixFilter filter;

    /** The strategies left to try, while no output of this answer has been written. */
    private volatile List<ContinuationStrategy> fallbacks;

    private volatile boolean over;

    private CallListener(
        Provider provider, ContinuationStrategy strategy, List<ContinuationStrategy> fallbacks) {
      this.provider = provider;
      this.strategy = strategy.continuation();
      this.fallbacks = fallbacks;
      meter = new OutputMeter(strategy.body());
      filter = strategy instanceof ContinuationStrategy.Repeat repeat ? repeat.filter() : null;
    }

    private boolean deaf() {
      return over || end.get() != null;
    }

    @Override
    public void onHead(AnswerHead given) {
      if (!deaf()) {
        head = given;
      }
    }

    @Override
    public void onDeltas(List<Delta> deltas) {
      if (deaf()) {
        return;
      }
      String diverged = null;
      timings.outputBegins();
      try {
        meter.add(deltas);
        List<Delta> fresh = filter == null ? deltas : filter.accept(deltas);
        if (!fresh.isEmpty()) {
          fallbacks = List.of();
          openFresh();
          replies.append(fresh);
        }
      } catch (PrefixFilter.DivergedException e) {
        diverged = String.valueOf(e.getMessage());
      } finally {
        timings.outputEnds();
      }
      if (diverged != null) {
        giveUp(diverged, meter.estimate());
      }
    }

    @Override
    public void onCompleted(AnswerEnd answer) {
      if (deaf()) {
        return;
      }
      if (filter != null && !filter.done()) {
        giveUp(
            "the new answer is shorter than what the client was given",
            answer.usage() == null ? meter.estimate() : answer.usage());
        return;
      }
      openFresh();
      end(new AttemptEnd.Succeeded(answer));
    }

    @Override
    public void onFailed(ProviderFailure failure) {
      if (deaf()) {
        return;
      }
      boolean continuesText =
          strategy == Continuation.PREFILL || strategy == Continuation.INSTRUCTION;
      boolean refused =
          failure.code() == ErrorCode.PROVIDER_REJECTED
              || failure.code() == ErrorCode.CONTEXT_LENGTH_EXCEEDED;
      if (continuesText && refused && !timings.hasOutput()) {
        // The provider refused the continuation that was added, not the client's request.
        giveUp("the provider refused to go on from it: " + failure.message(), null);
      } else {
        end(new AttemptEnd.Failed(failure));
      }
    }

    /** Abandons this answer and tries the next strategy, if there is one. */
    private void giveUp(String reason, @Nullable TokenUsage cost) {
      over = true;
      tally = new UsageTally(UsageSum.sum(tally.spent(), cost), null);
      if (fallbacks.isEmpty()) {
        end(
            AttemptEnd.Failed.of(
                ErrorCode.STREAM_BROKEN,
                "The answer broke off half-way and could not be continued: " + reason));
        return;
      }
      LOG.atInfo()
          .addKeyValue("request_id", spec.requestId())
          .addKeyValue("attempt", spec.attempt())
          .addKeyValue("given_up", strategy)
          .addKeyValue("next", fallbacks.getFirst().continuation())
          .addKeyValue("reason", reason)
          .log("a broken answer is continued by another strategy");
      try {
        ask(provider, fallbacks);
      } catch (RuntimeException e) {
        broke(e);
      }
    }
  }

  private void broke(RuntimeException problem) {
    if (end.get() != null) {
      // The run ended while it was being started, and its replies cannot be read any more.
      return;
    }
    LOG.atError()
        .setCause(problem)
        .addKeyValue("request_id", spec.requestId())
        .log("attempt broke");
    end(AttemptEnd.Failed.of(ErrorCode.INTERNAL, "The worker failed: " + problem));
  }

  private void onStreamFailure(Exception problem) {
    // On the producer's thread, which must not wait for anything that sends.
    Thread.ofVirtual()
        .name("attempt-end")
        .start(() ->
            end(
                AttemptEnd.Failed.of(
                    ErrorCode.UNAVAILABLE, "The answer could not be written: " + problem)));
  }

  void cancel(CancelReason reason) {
    end(new AttemptEnd.Cancelled(reason));
  }

  /** Ends the run so that another worker takes it over. */
  void handOver() {
    end(AttemptEnd.Failed.of(ErrorCode.WORKER_LOST, "The worker was stopped"));
  }

  /** The start could not be reported, so the router does not know of this run. */
  void startFailed(Throwable problem) {
    end(
        AttemptEnd.Failed.of(
            ErrorCode.UNAVAILABLE, "The start of the attempt could not be written: " + problem));
  }

  /** Ends the run if one of its times is up. */
  void check(Instant now) {
    CallTimeouts timeouts = spec.timeouts();
    if (!now.isBefore(spec.deadline())) {
      end(AttemptEnd.Failed.of(ErrorCode.DEADLINE_EXCEEDED, "The request's deadline has passed"));
    } else if (timings.waitsForFirstOutput(timeouts.getFirstTokenMs())) {
      end(
          AttemptEnd.Failed.of(
              ErrorCode.FIRST_TOKEN_TIMEOUT,
              "Provider %s sent no output for %d ms"
                  .formatted(spec.provider(), timeouts.getFirstTokenMs())));
    } else if (timings.waitsForMoreOutput(timeouts.getStallMs())) {
      end(
          AttemptEnd.Failed.of(
              ErrorCode.STALLED,
              "Provider %s stopped in the middle of its answer for %d ms"
                  .formatted(spec.provider(), timeouts.getStallMs())));
    }
  }

  private void end(AttemptEnd how) {
    if (!end.compareAndSet(null, how)) {
      return;
    }
    if (how.outcome() != AttemptOutcome.SUCCEEDED) {
      call.cancel();
    }
    timings.finish();
    onEnded.run();
    Completed completed =
        how instanceof AttemptEnd.Succeeded succeeded
            ? new Completed(usage(how), head.requestId(), succeeded.answer().extra())
            : null;
    CompletableFuture<Void> _ =
        replies.close(completed).whenComplete((done, problem) -> report(how, problem));
  }

  private void report(AttemptEnd how, @Nullable Throwable problem) {
    AttemptEnd told =
        problem != null && how instanceof AttemptEnd.Succeeded
            ? AttemptEnd.Failed.of(
                ErrorCode.UNAVAILABLE, "The end of the answer could not be written: " + problem)
            : how;
    log(told);
    // Off the producer's thread, on which the last acknowledgement came.
    Thread.ofVirtual()
        .name("attempt-report")
        .start(() -> {
          CompletableFuture<Void> _ =
              reporter
                  .finished(spec, finished(told))
                  .whenComplete((done, failed) -> {
                    if (failed == null) {
                      reported.complete(null);
                    } else {
                      reported.completeExceptionally(failed);
                    }
                  });
        });
  }

  private AttemptFinished finished(AttemptEnd how) {
    AttemptFinished.Builder finished =
        AttemptFinished.newBuilder()
            .setOutcome(how.outcome())
            .setDelivered(replies.delivered())
            .setUsage(usage(how))
            .setUpstreamModel(model())
            .setProviderRequestId(head.requestId())
            .setTimeToFirstTokenMs(timings.toFirstOutputMs())
            .setDurationMs(timings.durationMs());
    how.describe(finished);
    return finished.build();
  }

  /**
   * What the calls used, as the provider counted, or an estimate where it worked and did not
   * report.
   */
  private @Nullable TokenUsage usage(AttemptEnd how) {
    UsageTally now = tally;
    TokenUsage estimate = now.listener() == null ? null : now.listener().meter.estimate();
    TokenUsage last =
        switch (how) {
          case AttemptEnd.Succeeded succeeded ->
              succeeded.answer().usage() == null ? estimate : succeeded.answer().usage();
          case AttemptEnd.Found found -> found.completed().getUsage();
          case AttemptEnd.Cancelled cancelled -> estimate;
          case AttemptEnd.Failed failed -> workedFor(failed.failure()) ? estimate : null;
        };
    return UsageSum.sum(now.spent(), last);
  }

  /** Whether the provider is likely to bill for a call that failed. */
  private boolean workedFor(ProviderFailure failure) {
    return timings.hasOutput() || failure.code() == ErrorCode.FIRST_TOKEN_TIMEOUT;
  }

  private String model() {
    String named = head.model();
    return named == null ? spec.upstreamModel() : named;
  }

  /** Opens the stream of a first attempt, when the provider has said what it is. */
  private void openFresh() {
    if (!opened) {
      CompletableFuture<Long> _ = open(Continuation.FRESH);
    }
  }

  private CompletableFuture<Long> open(Continuation continuation) {
    opened = true;
    return replies.open(
        new Opened(
            spec.provider(),
            model(),
            continuation,
            head.systemFingerprint(),
            head.serviceTier(),
            worker.workerId(),
            worker.epoch(),
            spec.rendering()));
  }

  private void log(AttemptEnd how) {
    boolean failed = how instanceof AttemptEnd.Failed;
    LOG.atLevel(failed ? Level.WARN : Level.DEBUG)
        .addKeyValue("request_id", spec.requestId())
        .addKeyValue("attempt", spec.attempt())
        .addKeyValue("provider", spec.provider())
        .addKeyValue("outcome", how.outcome())
        .addKeyValue(
            "error", how instanceof AttemptEnd.Failed failure ? failure.failure().message() : "")
        .addKeyValue("duration_ms", timings.durationMs())
        .log("attempt ended");
  }
}
