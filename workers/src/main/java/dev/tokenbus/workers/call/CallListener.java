package dev.tokenbus.workers.call;

import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.recovery.ContinuationStrategy;
import dev.tokenbus.workers.recovery.PrefixFilter;
import dev.tokenbus.workers.usage.OutputMeter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Receives the answer to one call of a run and removes from it what the client already has.
 *
 * <p>Called by one thread at a time, as the provider promises.
 */
public final class CallListener implements AnswerListener {
  /** The run that made the call. */
  public interface Owner {
    boolean ended();

    /** The request of a call is sent as a whole. */
    void sent();

    void head(AnswerHead head);

    /** Output that the client does not have yet; may block. */
    void output(List<Delta> deltas);

    void completed(AnswerEnd answer);

    void failed(ProviderFailure failure);

    /**
     * Nothing comes of this call.
     *
     * @param untried the strategies that are left
     * @param cost what the call used; null where it was refused
     */
    void abandoned(
        Continuation given,
        List<ContinuationStrategy> untried,
        String reason,
        @Nullable TokenUsage cost);
  }

  private final Owner owner;
  private final Continuation continuation;
  private final CallTimings timings;
  private final OutputMeter meter;

  /** Removes the prefix that the client has; only the thread that reads the answer uses it. */
  private final @Nullable PrefixFilter filter;

  /** The strategies left to try, while no output of this answer has been written. */
  private volatile List<ContinuationStrategy> untried;

  private volatile boolean abandoned;

  /**
   * @param strategy of the call
   * @param untried the strategies to try when this one fails
   * @param meter counts the call's output
   */
  public CallListener(
      Owner owner,
      ContinuationStrategy strategy,
      List<ContinuationStrategy> untried,
      CallTimings timings,
      OutputMeter meter) {
    this.owner = owner;
    this.continuation = strategy.continuation();
    this.untried = untried;
    this.timings = timings;
    this.meter = meter;
    filter = strategy instanceof ContinuationStrategy.Repeat repeat ? repeat.filter() : null;
  }

  private boolean deaf() {
    return abandoned || owner.ended();
  }

  @Override
  public void onSent() {
    owner.sent();
  }

  @Override
  public void onHead(AnswerHead given) {
    if (!deaf()) {
      owner.head(given);
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
        untried = List.of();
        owner.output(fresh);
      }
    } catch (PrefixFilter.DivergedException e) {
      diverged = String.valueOf(e.getMessage());
    } finally {
      timings.outputEnds();
    }
    if (diverged != null) {
      abandon(diverged, meter.estimate());
    }
  }

  @Override
  public void onCompleted(AnswerEnd answer) {
    if (deaf()) {
      return;
    }
    if (filter != null && !filter.done()) {
      abandon(
          "the new answer is shorter than what the client was given",
          answer.usage() == null ? meter.estimate() : answer.usage());
      return;
    }
    owner.completed(answer);
  }

  @Override
  public void onFailed(ProviderFailure failure) {
    if (deaf()) {
      return;
    }
    boolean continuesText =
        continuation == Continuation.PREFILL || continuation == Continuation.INSTRUCTION;
    boolean refused =
        failure.code() == ErrorCode.PROVIDER_REJECTED
            || failure.code() == ErrorCode.CONTEXT_LENGTH_EXCEEDED;
    if (continuesText && refused && !timings.hasOutput()) {
      // The provider refused the continuation that was added, not the client's request.
      abandon("the provider refused to go on from it: " + failure.message(), null);
    } else {
      owner.failed(failure);
    }
  }

  private void abandon(String reason, @Nullable TokenUsage cost) {
    abandoned = true;
    owner.abandoned(continuation, untried, reason, cost);
  }
}
