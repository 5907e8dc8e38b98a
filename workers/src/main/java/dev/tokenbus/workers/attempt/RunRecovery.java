package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.recovery.Capabilities;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.RecoveryPlan;
import dev.tokenbus.workers.recovery.StreamHistory;
import dev.tokenbus.workers.usage.OutputMeter;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;

/**
 * Takes one stream over: looks whether the predecessor still writes, fences it off, and reads what
 * it delivered.
 */
record RunRecovery(AttemptSpec spec, RunContext context, StreamOpening opening) {
  /** From this level on the router knows that an attempt may be declined. */
  private static final int DECLINE_LEVEL = 2;

  /** What came of it. */
  sealed interface Result {
    /** The run has nothing more to do. */
    record Ended(AttemptEnd how) implements Result {}

    /** What was delivered is known. */
    record Read(Delivered delivered) implements Result {}
  }

  /** Recovers the stream; may block. */
  Result recover(Provider provider, Capabilities can) {
    Long predecessor = spec.predecessorClaim();
    try {
      OptionalInt writes = predecessor == null ? OptionalInt.empty() : stillWrites(predecessor);
      return predecessor != null && writes.isPresent()
          ? new Result.Ended(
              new AttemptEnd.Declined(new AttemptDeclined(writes.getAsInt(), predecessor)))
          : read(provider, can);
    } catch (CompletionException e) {
      return new Result.Ended(
          AttemptEnd.Failed.of(
              spec, ErrorCode.UNAVAILABLE, "What was delivered could not be read", e));
    }
  }

  /**
   * Whether the alarm was false: the run that was silent writes again, and is left alone. It need
   * not be of the attempt before this one.
   */
  private OptionalInt stillWrites(long predecessor) {
    return context.formatLevel().getAsInt() >= DECLINE_LEVEL
        ? context.history().stillWrites(spec.requestId(), predecessor).join()
        : OptionalInt.empty();
  }

  private Result read(Provider provider, Capabilities can) {
    long fence =
        opening.fence(provider, can.prefill() ? Continuation.PREFILL : Continuation.REPEAT).join();
    if (spec.predecessorClaim() != null) {
      // Only now: before the watch, the command would have ended a run that lives.
      context.reporter().fencedOff(spec);
    }
    Delivered delivered =
        context
            .history()
            .read(
                new StreamHistory.Query(
                    spec.requestId(), spec.repliesFrom(), fence, spec.predecessorClaim()))
            .join();
    // Another run of this attempt may have opened it first.
    return delivered.attempt() >= spec.attempt()
        ? new Result.Ended(new AttemptEnd.Cancelled(CancelReason.SUPERSEDED))
        : new Result.Read(delivered);
  }

  /** How the run ends where the plan is not to call the provider. */
  static AttemptEnd endOf(RecoveryPlan plan, Delivered delivered, ChatRequest body) {
    return switch (plan) {
      case RecoveryPlan.LastRecordMissing missing ->
          new AttemptEnd.Succeeded(
              new AnswerEnd(
                  new OutputMeter(body).estimateWith(delivered.deltas()),
                  missing.finishReason(),
                  null));
      case RecoveryPlan.Complete complete ->
          new AttemptEnd.Found(complete.completed(), complete.finishReason());
      case RecoveryPlan.Over() -> new AttemptEnd.Cancelled(CancelReason.SUPERSEDED);
      case RecoveryPlan.Broken(String reason) -> AttemptEnd.Failed.broken(reason);
      case RecoveryPlan.Unreadable() ->
          AttemptEnd.Failed.of(
              ErrorCode.UNREADABLE_REPLY, "A newer version wrote the beginning of the answer");
      case RecoveryPlan.Ask ask ->
          throw new IllegalArgumentException("The plan is to call the provider: " + ask);
    };
  }
}
