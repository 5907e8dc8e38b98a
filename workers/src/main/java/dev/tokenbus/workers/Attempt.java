package dev.tokenbus.workers;

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
final class Attempt {
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
  private volatile AnswerHead head = UNKNOWN_HEAD;
  private final ReplyHistory history;
  private final CurrentCall call = new CurrentCall();
  private volatile boolean opened;

  private volatile Account account = new Account(null, null);

  /**
   * What is to be counted.
   *
   * @param spent by calls whose answers came to nothing
   * @param hearing of the call that runs, or ran last, unless it is in {@code spent}
   */
  private record Account(@Nullable TokenUsage spent, @Nullable Hearing hearing) {}

  /**
   * @param onEnded frees the slot; called once, when the provider is no longer being called
   */
  Attempt(
      Ticket ticket,
      WorkerIdentity worker,
      AttemptReports reports,
      ReplyStreams streams,
      ReplyHistory history,
      Runnable onEnded) {
    this.ticket = ticket;
    this.worker = worker;
    this.reports = reports;
    this.history = history;
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
   * @param abilities of the model
   */
  void start(Provider provider, ChatRequest body, Abilities abilities) {
    try {
      if (ticket.attempt() == 1) {
        ask(provider, List.of(new Way.Fresh(body)));
      } else {
        takeOver(provider, body, abilities);
      }
    } catch (RuntimeException e) {
      broke(e);
    }
  }

  private void takeOver(Provider provider, ChatRequest body, Abilities abilities) {
    long fence = open(abilities.prefill() ? Continuation.PREFILL : Continuation.REPEAT).join();
    Delivered delivered = history.read(ticket.requestId(), ticket.repliesFrom(), fence).join();
    switch (TakeOver.of(delivered, body, abilities)) {
      case TakeOver.Ask(List<Way> ways) -> ask(provider, ways);
      case TakeOver.LastRecordMissing missing ->
          end(
              new AttemptEnd.Succeeded(
                  new AnswerEnd(
                      new OutputMeter(body).estimateWith(delivered.deltas()),
                      missing.finishReason(),
                      null)));
      case TakeOver.Complete complete ->
          end(new AttemptEnd.Found(complete.completed(), complete.finishReason()));
      case TakeOver.Over() -> end(new AttemptEnd.Cancelled(CancelReason.SUPERSEDED));
    }
  }

  /** Asks in the first of the ways. */
  private void ask(Provider provider, List<Way> ways) {
    if (end.get() != null) {
      return;
    }
    Way way = ways.getFirst();
    Hearing listener = new Hearing(provider, way, ways.subList(1, ways.size()));
    account = new Account(account.spent(), listener);
    times.begin();
    call.make(() ->
        provider.start(
            new ProviderRequest(ticket.requestId().toString(), ticket.upstreamModel(), way.body()),
            listener));
  }

  /** Hears one call. */
  private final class Hearing implements AnswerListener {
    private final Provider provider;
    private final Continuation way;
    private final OutputMeter meter;

    /** Takes out what the client has; only the thread that reads the answer touches it. */
    private final @Nullable RepeatFilter filter;

    /** What is left to be tried, as long as the client has been given nothing of this answer. */
    private volatile List<Way> otherwise;

    private volatile boolean over;

    private Hearing(Provider provider, Way way, List<Way> otherwise) {
      this.provider = provider;
      this.way = way.continuation();
      this.otherwise = otherwise;
      meter = new OutputMeter(way.body());
      filter = way instanceof Way.Repeat repeat ? repeat.filter() : null;
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
      times.outputBegins();
      try {
        meter.add(deltas);
        List<Delta> fresh = filter == null ? deltas : filter.accept(deltas);
        if (!fresh.isEmpty()) {
          otherwise = List.of();
          openFresh();
          stream.append(fresh);
        }
      } catch (RepeatFilter.DivergedException e) {
        diverged = String.valueOf(e.getMessage());
      } finally {
        times.outputEnds();
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
      boolean continuesText = way == Continuation.PREFILL || way == Continuation.INSTRUCTION;
      boolean refused =
          failure.code() == ErrorCode.PROVIDER_REJECTED
              || failure.code() == ErrorCode.CONTEXT_LENGTH_EXCEEDED;
      if (continuesText && refused && !times.hasOutput()) {
        // Not the client's request was refused but what was added to it.
        giveUp("the provider refused to go on from it: " + failure.message(), null);
      } else {
        end(new AttemptEnd.Failed(failure));
      }
    }

    /** Nothing comes of this answer; the next way is tried, if there is one. */
    private void giveUp(String reason, @Nullable TokenUsage cost) {
      over = true;
      account = new Account(Usages.sum(account.spent(), cost), null);
      if (otherwise.isEmpty()) {
        end(
            AttemptEnd.Failed.of(
                ErrorCode.STREAM_BROKEN,
                "The answer broke off half-way and could not be continued: " + reason));
        return;
      }
      LOG.atInfo()
          .addKeyValue("request_id", ticket.requestId())
          .addKeyValue("attempt", ticket.attempt())
          .addKeyValue("given_up", way)
          .addKeyValue("next", otherwise.getFirst().continuation())
          .addKeyValue("reason", reason)
          .log("a broken answer is continued in another way");
      try {
        ask(provider, otherwise);
      } catch (RuntimeException e) {
        broke(e);
      }
    }
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
    if (how.outcome() != AttemptOutcome.SUCCEEDED) {
      call.cancel();
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
    how.describe(finished);
    return finished.build();
  }

  /** What the calls used, as the provider counted, or estimated where it worked and did not say. */
  private @Nullable TokenUsage usage(AttemptEnd how) {
    Account now = account;
    TokenUsage estimate = now.hearing() == null ? null : now.hearing().meter.estimate();
    TokenUsage last =
        switch (how) {
          case AttemptEnd.Succeeded succeeded ->
              succeeded.answer().usage() == null ? estimate : succeeded.answer().usage();
          case AttemptEnd.Found found -> found.completed().getUsage();
          case AttemptEnd.Cancelled cancelled -> estimate;
          case AttemptEnd.Failed failed -> workedFor(failed.failure()) ? estimate : null;
        };
    return Usages.sum(now.spent(), last);
  }

  /** Whether the provider is likely to bill for a call that failed. */
  private boolean workedFor(ProviderFailure failure) {
    return times.hasOutput() || failure.code() == ErrorCode.FIRST_TOKEN_TIMEOUT;
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
