package dev.tokenbus.workers;

import dev.tokenbus.schemas.ErrorCode;
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
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.Call;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.ProviderRequest;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One run of one attempt, from the call to the provider to the report of its end. Ends exactly
 * once, whatever comes first: the answer's end, a failure, a time-out, an order to stop.
 *
 * <p>Thread-safe.
 */
final class Attempt implements AnswerListener {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
  private static final AnswerHead UNKNOWN_HEAD = new AnswerHead(null, null, null, null);

  private final Ticket ticket;
  private final WorkerIdentity worker;
  private final AttemptReports reports;
  private final ReplyStream stream;
  private final Runnable onEnded;
  private final CompletableFuture<Void> reported = new CompletableFuture<>();
  private final AtomicReference<@Nullable AttemptEnd> end = new AtomicReference<>();
  private final CallClock times = new CallClock();
  private final OutputMeter meter;
  private volatile AnswerHead head = UNKNOWN_HEAD;
  private final DeliveredReader delivered;
  private volatile boolean opened;

  /**
   * What is left to be repeated of the predecessors' output; only the thread that reads the answer
   * touches it.
   */
  private volatile @Nullable RepeatFilter repeated;

  /** What to do where the provider refuses the request as it was put. */
  private volatile @Nullable Runnable otherwise;

  private volatile @Nullable Call call;

  /**
   * @param onEnded frees the slot; called once, when the provider is no longer being called
   */
  Attempt(
      Ticket ticket,
      OutputMeter meter,
      WorkerIdentity worker,
      AttemptReports reports,
      ReplyStreams streams,
      DeliveredReader delivered,
      Runnable onEnded) {
    this.ticket = ticket;
    this.meter = meter;
    this.worker = worker;
    this.reports = reports;
    this.delivered = delivered;
    this.onEnded = onEnded;
    this.stream = streams.open(ticket, this::onStreamFailure);
  }

  Ticket ticket() {
    return ticket;
  }

  boolean ended() {
    return end.get() != null;
  }

  /**
   * Completes when the router has been told of the end; exceptionally if the worker closed before
   * it could be.
   */
  CompletableFuture<Void> reported() {
    return reported;
  }

  /**
   * Calls the provider, or first finds out what its predecessors delivered. Returns when the call
   * is under way; may block.
   *
   * @param canPrefill whether the model goes on from an answer that stands at the end of the
   *     conversation
   */
  void start(Provider provider, ChatRequest body, boolean canPrefill) {
    try {
      if (ticket.attempt() == 1) {
        call(provider, body);
      } else {
        takeOver(provider, body, canPrefill);
      }
    } catch (RuntimeException e) {
      broke(e);
    }
  }

  private void call(Provider provider, ChatRequest body) {
    times.begin();
    Call started =
        provider.start(
            new ProviderRequest(ticket.requestId().toString(), ticket.upstreamModel(), body), this);
    call = started;
    if (end.get() != null) {
      started.cancel();
    }
  }

  private void takeOver(Provider provider, ChatRequest body, boolean canPrefill) {
    long fence = open(canPrefill ? Continuation.PREFILL : Continuation.REPEAT).join();
    Delivered delivered =
        this.delivered.read(ticket.requestId(), ticket.repliesFrom(), fence).join();
    switch (TakeOver.of(delivered, body, canPrefill)) {
      case TakeOver.Fresh() -> call(provider, body);
      case TakeOver.Repeat(RepeatFilter filter) -> repeat(provider, body, filter);
      case TakeOver.Prefill prefill -> {
        otherwise = () -> repeat(provider, body, prefill.otherwise());
        call(provider, prefill.body());
      }
      case TakeOver.LastRecordMissing missing ->
          end(
              new AttemptEnd.Succeeded(
                  new AnswerEnd(
                      meter.estimateWith(delivered.deltas()), missing.finishReason(), null)));
      case TakeOver.Complete complete ->
          end(new AttemptEnd.Found(complete.completed(), complete.finishReason()));
      case TakeOver.Over() -> end(new AttemptEnd.Cancelled(CancelReason.SUPERSEDED));
    }
  }

  private void repeat(Provider provider, ChatRequest body, RepeatFilter filter) {
    repeated = filter;
    call(provider, body);
  }

  private void broke(RuntimeException problem) {
    if (end.get() != null) {
      // Ended while it was being started: what it waited for will not come.
      return;
    }
    LOG.atError()
        .setCause(problem)
        .addKeyValue("request_id", ticket.requestId())
        .log("attempt broke");
    end(AttemptEnd.Failed.of(ErrorCode.INTERNAL, "The worker failed: " + problem));
  }

  @Override
  public void onHead(AnswerHead given) {
    head = given;
  }

  @Override
  public void onDeltas(List<Delta> deltas) {
    if (end.get() != null) {
      return;
    }
    times.outputBegins();
    try {
      otherwise = null;
      meter.add(deltas);
      List<Delta> fresh = repeated == null ? deltas : repeated.accept(deltas);
      if (!fresh.isEmpty()) {
        openFresh();
        stream.append(fresh);
      }
    } catch (RepeatFilter.DivergedException e) {
      end(
          AttemptEnd.Failed.of(
              ErrorCode.STREAM_BROKEN,
              "The answer broke off half-way and could not be continued: " + e.getMessage()));
    } finally {
      times.outputEnds();
    }
  }

  @Override
  public void onCompleted(AnswerEnd answer) {
    if (repeated != null && !repeated.done()) {
      end(
          AttemptEnd.Failed.of(
              ErrorCode.STREAM_BROKEN,
              "The answer broke off half-way and could not be continued: the new answer is shorter"
                  + " than what the client was given"));
      return;
    }
    openFresh();
    end(new AttemptEnd.Succeeded(answer));
  }

  @Override
  public void onFailed(ProviderFailure failure) {
    Runnable fallback = otherwise;
    if (fallback != null && failure.code() == ErrorCode.PROVIDER_REJECTED) {
      // The model takes no prefill after all.
      otherwise = null;
      fallback.run();
      return;
    }
    end(new AttemptEnd.Failed(failure));
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

  /** The start could not be made known, so nobody may rely on this run. */
  void startFailed(Throwable problem) {
    end(
        AttemptEnd.Failed.of(
            ErrorCode.UNAVAILABLE, "The start of the attempt could not be written: " + problem));
  }

  /** Ends the run if one of its times is up. */
  void check(Instant now) {
    CallTimeouts timeouts = ticket.timeouts();
    if (!now.isBefore(ticket.deadline())) {
      end(AttemptEnd.Failed.of(ErrorCode.DEADLINE_EXCEEDED, "The request's deadline has passed"));
    } else if (times.waitsForFirstOutput(timeouts.getFirstTokenMs())) {
      end(
          AttemptEnd.Failed.of(
              ErrorCode.FIRST_TOKEN_TIMEOUT,
              "Provider %s sent no output for %d ms"
                  .formatted(ticket.provider(), timeouts.getFirstTokenMs())));
    } else if (times.waitsForMoreOutput(timeouts.getStallMs())) {
      end(
          AttemptEnd.Failed.of(
              ErrorCode.STALLED,
              "Provider %s stopped in the middle of its answer for %d ms"
                  .formatted(ticket.provider(), timeouts.getStallMs())));
    }
  }

  private void end(AttemptEnd how) {
    if (!end.compareAndSet(null, how)) {
      return;
    }
    Call running = call;
    if (running != null && how.outcome() != AttemptOutcome.SUCCEEDED) {
      running.cancel();
    }
    times.finish();
    onEnded.run();
    Completed completed =
        how instanceof AttemptEnd.Succeeded succeeded
            ? new Completed(usage(how), head.requestId(), succeeded.answer().extra())
            : null;
    CompletableFuture<Void> _ =
        stream.close(completed).whenComplete((done, problem) -> report(how, problem));
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
              reports
                  .finished(ticket, finished(told))
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
            .setDelivered(stream.delivered())
            .setUsage(usage(how))
            .setUpstreamModel(model())
            .setProviderRequestId(head.requestId())
            .setTimeToFirstTokenMs(times.toFirstOutputMs())
            .setDurationMs(times.durationMs());
    switch (how) {
      case AttemptEnd.Succeeded succeeded ->
          finished.setFinishReason(succeeded.answer().finishReason());
      case AttemptEnd.Found found ->
          finished
              .setFinishReason(found.finishReason())
              .setProviderRequestId(found.completed().getProviderRequestId());
      case AttemptEnd.Failed failed -> {
        ProviderFailure failure = failed.failure();
        finished
            .setErrorCode(failure.code().wireName())
            .setErrorMessage(failure.message())
            .setErrorParam(failure.param())
            .setHttpStatus(failure.httpStatus())
            .setRetryAfterMs(failure.retryAfterMs());
        if (failure.requestId() != null) {
          finished.setProviderRequestId(failure.requestId());
        }
      }
      case AttemptEnd.Cancelled cancelled ->
          finished
              .setErrorCode(ErrorCode.CANCELLED.wireName())
              .setErrorMessage("Cancelled: " + cancelled.reason());
    }
    return finished.build();
  }

  /** What the provider counted, or an estimate where it did work and did not say. */
  private @Nullable TokenUsage usage(AttemptEnd how) {
    return switch (how) {
      case AttemptEnd.Succeeded succeeded ->
          succeeded.answer().usage() == null ? meter.estimate() : succeeded.answer().usage();
      case AttemptEnd.Found found -> found.completed().getUsage();
      case AttemptEnd.Cancelled cancelled -> times.begun() ? meter.estimate() : null;
      case AttemptEnd.Failed failed -> workedFor(failed.failure()) ? meter.estimate() : null;
    };
  }

  /** Whether the provider is likely to bill for a call that failed. */
  private boolean workedFor(ProviderFailure failure) {
    return stream.delivered() || failure.code() == ErrorCode.FIRST_TOKEN_TIMEOUT;
  }

  private String model() {
    String named = head.model();
    return named == null ? ticket.upstreamModel() : named;
  }

  /** Opens the stream of a first attempt, when the provider has said what it is. */
  private void openFresh() {
    if (!opened) {
      CompletableFuture<Long> _ = open(Continuation.FRESH);
    }
  }

  private CompletableFuture<Long> open(Continuation continuation) {
    opened = true;
    return stream.open(
        new Opened(
            ticket.provider(),
            model(),
            continuation,
            head.systemFingerprint(),
            head.serviceTier(),
            worker.workerId(),
            worker.epoch(),
            ticket.rendering()));
  }

  private void log(AttemptEnd how) {
    boolean failed = how instanceof AttemptEnd.Failed;
    LOG.atLevel(failed ? Level.WARN : Level.DEBUG)
        .addKeyValue("request_id", ticket.requestId())
        .addKeyValue("attempt", ticket.attempt())
        .addKeyValue("provider", ticket.provider())
        .addKeyValue("outcome", how.outcome())
        .addKeyValue(
            "error", how instanceof AttemptEnd.Failed failure ? failure.failure().message() : "")
        .addKeyValue("duration_ms", times.durationMs())
        .log("attempt ended");
  }
}
