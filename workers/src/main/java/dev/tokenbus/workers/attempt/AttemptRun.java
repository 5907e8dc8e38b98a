package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.body.BodyException;
import dev.tokenbus.workers.body.BodySource;
import dev.tokenbus.workers.call.CallListener;
import dev.tokenbus.workers.call.CallTimings;
import dev.tokenbus.workers.call.CurrentCall;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.recovery.Capabilities;
import dev.tokenbus.workers.recovery.ContinuationOutlook;
import dev.tokenbus.workers.recovery.ContinuationStrategy;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.RecoveryPlan;
import dev.tokenbus.workers.reply.ReplyWriter;
import dev.tokenbus.workers.usage.UsageTally;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of one attempt, from the call to the provider to the report of its end. It ends exactly
 * once, by whichever comes first: the answer's end, a failure, a time-out or a cancel.
 *
 * <p>Thread-safe.
 */
final class AttemptRun implements CallListener.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptRun.class);

  private final AttemptSpec spec;
  private final RunContext context;
  private final ReplyWriter replies;
  private final CallSlot slot;
  private final AtomicReference<@Nullable AttemptEnd> end = new AtomicReference<>();
  private final CallTimings timings = new CallTimings();
  private final CurrentCall call = new CurrentCall();
  private final UsageTally tally = new UsageTally();
  private final ContinuationOutlook outlook = new ContinuationOutlook();
  private final CheckpointSchedule checkpoints;
  private final StreamOpening opening;
  private final RunEnding ending;
  private volatile AnswerHead head = AnswerHead.UNKNOWN;
  private volatile @Nullable Provider provider;
  private volatile boolean answered;

  /**
   * @param slot is freed once, when the provider is no longer being called
   */
  AttemptRun(AttemptSpec spec, RunContext context, CallSlot slot) {
    this.spec = spec;
    this.context = context;
    this.slot = slot;
    replies =
        context
            .writers()
            .open(spec.requestId(), spec.attempt(), spec.claim(), this::onStreamFailure);
    checkpoints = new CheckpointSchedule(spec, context, replies, this::usedSoFar);
    opening = new StreamOpening(spec, context.worker(), replies, checkpoints);
    ending = new RunEnding(spec, context, replies, timings, tally);
  }

  AttemptSpec spec() {
    return spec;
  }

  @Override
  public boolean ended() {
    return end.get() != null;
  }

  /**
   * Completes when the router has been told of the end; exceptionally if the worker closed before
   * the report was acknowledged.
   */
  CompletableFuture<Void> reported() {
    return ending.reported();
  }

  /**
   * Calls the provider, or first finds out what its predecessors delivered. Returns when the call
   * is under way; may block.
   *
   * @param bodies reads the request's body; may block
   * @param can what policy and the deployment allow
   */
  void start(Provider called, BodySource bodies, Capabilities can) {
    provider = called;
    try {
      if (spec.attempt() == 1) {
        ChatRequest body = bodies.read();
        outlook.asked(body, can);
        ask(List.of(new ContinuationStrategy.Fresh(body)));
      } else {
        takeOver(called, bodies, can);
      }
    } catch (BodyException e) {
      end(AttemptEnd.Failed.of(spec, e.code(), String.valueOf(e.getMessage()), e.getCause()));
    } catch (RuntimeException e) {
      broke(e);
    }
  }

  /** Reads the body last: few bodies are read at a time, and reading the log may take a while. */
  private void takeOver(Provider called, BodySource bodies, Capabilities can) throws BodyException {
    switch (new RunRecovery(spec, context, opening).recover(called, can)) {
      case RunRecovery.Result.Ended(AttemptEnd how) -> end(how);
      case RunRecovery.Result.Read(Delivered delivered) -> {
        if (!ended()) {
          goOn(delivered, bodies.read(), can);
        }
      }
    }
  }

  private void goOn(Delivered delivered, ChatRequest body, Capabilities can) {
    tally.delivered(body, delivered.deltas());
    outlook.asked(body, can);
    outlook.delivered(delivered.deltas());
    RecoveryPlan plan = RecoveryPlan.of(delivered, body, can);
    if (plan instanceof RecoveryPlan.Ask(List<ContinuationStrategy> strategies)) {
      checkpoints.continues(delivered);
      ask(strategies);
    } else {
      end(RunRecovery.endOf(plan, delivered, body));
    }
  }

  /** Calls the provider with the first of the strategies. */
  private void ask(List<ContinuationStrategy> strategies) {
    Provider called = provider;
    if (ended() || called == null) {
      return;
    }
    ContinuationStrategy strategy = strategies.getFirst();
    CallListener listener =
        new CallListener(
            this,
            strategy,
            strategies.subList(1, strategies.size()),
            timings,
            tally.call(strategy));
    timings.begin();
    call.make(() ->
        called.start(
            new ProviderRequest(
                spec.requestId().toString(),
                spec.upstreamModel(),
                strategy.body(),
                context.formatLevel().getAsInt()),
            listener));
  }

  @Override
  public void sent() {
    slot.sent();
  }

  @Override
  public void head(AnswerHead given) {
    head = given;
  }

  @Override
  public void output(List<Delta> deltas) {
    if (!answered) {
      answered = true;
      slot.answered();
    }
    opening.fresh(provider, head);
    outlook.delivered(deltas);
    replies.append(deltas);
  }

  @Override
  public void completed(AnswerEnd answer) {
    slot.answered();
    opening.fresh(provider, head);
    end(new AttemptEnd.Succeeded(answer));
  }

  @Override
  public void failed(ProviderFailure failure) {
    end(new AttemptEnd.Failed(failure));
  }

  @Override
  public void abandoned(
      Continuation given,
      List<ContinuationStrategy> untried,
      String reason,
      @Nullable TokenUsage cost) {
    tally.abandoned(cost);
    if (untried.isEmpty()) {
      end(AttemptEnd.Failed.broken(reason));
      return;
    }
    LOG.atInfo()
        .addKeyValue("request_id", spec.requestId())
        .addKeyValue("attempt", spec.attempt())
        .addKeyValue("given_up", given)
        .addKeyValue("next", untried.getFirst().continuation())
        .addKeyValue("reason", reason)
        .log("a broken answer is continued by another strategy");
    try {
      ask(untried);
    } catch (RuntimeException e) {
      broke(e);
    }
  }

  private void broke(RuntimeException problem) {
    if (ended()) {
      // The run ended while it was being started, and its replies cannot be read any more.
      return;
    }
    end(AttemptEnd.Failed.of(spec, ErrorCode.INTERNAL, "The worker failed", problem));
  }

  private void onStreamFailure(Exception problem) {
    // On the producer's thread, which must not wait for anything that sends.
    context
        .threads()
        .execute(() ->
            end(
                AttemptEnd.Failed.of(
                    spec, ErrorCode.UNAVAILABLE, "The answer could not be written", problem)));
  }

  void cancel(CancelReason reason) {
    end(new AttemptEnd.Cancelled(reason));
  }

  /** Whether another worker can go on from here without breaking the client's stream. */
  boolean continuable() {
    return outlook.isGood();
  }

  /** Ends the run so that another worker takes it over. */
  void handOver() {
    end(AttemptEnd.Failed.of(ErrorCode.WORKER_LOST, "The worker was stopped"));
  }

  /** The start could not be reported, so the router does not know of this run. */
  void startFailed(Throwable problem) {
    end(
        AttemptEnd.Failed.of(
            spec, ErrorCode.UNAVAILABLE, "The start of the attempt could not be written", problem));
  }

  /** Ends the run if one of its times is up, and writes a checkpoint if one is due. */
  void check(Instant now) {
    if (ended()) {
      return;
    }
    Optional<AttemptEnd> late = TimeLimits.exceeded(spec, timings, now);
    late.ifPresent(this::end);
    if (late.isEmpty()) {
      checkpoints.check(now);
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
    if (how instanceof AttemptEnd.Failed(ProviderFailure failure) && failure.overloaded()) {
      slot.refused();
    }
    slot.free();
    ending.finish(how, head);
  }

  private TokenUsage usedSoFar() {
    TokenUsage used = tally.answer(null, true);
    return used == null ? TokenUsage.newBuilder().build() : used;
  }
}
