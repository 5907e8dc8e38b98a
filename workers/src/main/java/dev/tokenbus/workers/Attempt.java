package dev.tokenbus.workers;

import dev.tokenbus.schemas.ErrorCode;
import dev.tokenbus.schemas.avro.AttemptFinished;
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
  private volatile boolean opened;
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
      Runnable onEnded) {
    this.ticket = ticket;
    this.meter = meter;
    this.worker = worker;
    this.reports = reports;
    this.onEnded = onEnded;
    this.stream = streams.open(ticket, this::onStreamFailure);
  }

  Ticket ticket() {
    return ticket;
  }

  /**
   * Completes when the router has been told of the end; exceptionally if the worker closed before
   * it could be.
   */
  CompletableFuture<Void> reported() {
    return reported;
  }

  /** Calls the provider. Returns when the call is under way; may block for a moment. */
  void start(Provider provider, ChatRequest body) {
    try {
      if (ticket.attempt() > 1) {
        open();
      }
      times.begin();
      Call started =
          provider.start(
              new ProviderRequest(ticket.requestId().toString(), ticket.upstreamModel(), body),
              this);
      call = started;
      if (end.get() != null) {
        started.cancel();
      }
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("request_id", ticket.requestId()).log("attempt broke");
      end(AttemptEnd.Failed.of(ErrorCode.INTERNAL, "The worker failed: " + e));
    }
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
      meter.add(deltas);
      open();
      stream.append(deltas);
    } finally {
      times.outputEnds();
    }
  }

  @Override
  public void onCompleted(AnswerEnd answer) {
    open();
    end(new AttemptEnd.Succeeded(answer));
  }

  @Override
  public void onFailed(ProviderFailure failure) {
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
    if (running != null && !(how instanceof AttemptEnd.Succeeded)) {
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

  private void open() {
    if (opened) {
      return;
    }
    opened = true;
    CompletableFuture<Long> _ =
        stream.open(
            new Opened(
                ticket.provider(),
                model(),
                Continuation.FRESH,
                head.systemFingerprint(),
                head.serviceTier(),
                worker.workerId(),
                worker.epoch()));
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
