package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.ProviderFailure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** How a run of an attempt ended. */
sealed interface AttemptEnd {
  AttemptOutcome outcome();

  /** Writes into a report what only this kind of end knows. */
  void describe(AttemptFinished.Builder report);

  /** The provider's answer is complete. */
  record Succeeded(AnswerEnd answer) implements AttemptEnd {
    @Override
    public AttemptOutcome outcome() {
      return AttemptOutcome.SUCCEEDED;
    }

    @Override
    public void describe(AttemptFinished.Builder report) {
      report.setFinishReason(answer.finishReason());
    }
  }

  /** A predecessor had completed the answer, and only the report of it was missing. */
  record Found(Completed completed, @Nullable String finishReason) implements AttemptEnd {
    @Override
    public AttemptOutcome outcome() {
      return AttemptOutcome.SUCCEEDED;
    }

    @Override
    public void describe(AttemptFinished.Builder report) {
      report.setFinishReason(finishReason).setProviderRequestId(completed.getProviderRequestId());
    }
  }

  /** The provider, the log or this worker failed. */
  record Failed(ProviderFailure failure) implements AttemptEnd {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptEnd.class);

    static Failed of(ErrorCode code, String message) {
      return new Failed(ProviderFailure.of(code, message));
    }

    /**
     * A failure in this worker or the log.
     *
     * @param message for the client
     * @param detail for the log alone, since it may name addresses, topics and partitions
     */
    static Failed of(AttemptSpec spec, ErrorCode code, String message, @Nullable Throwable detail) {
      boolean fault = code == ErrorCode.INTERNAL;
      // While the broker is away every stream fails alike, and the traces would say nothing.
      LOG.atLevel(fault ? Level.ERROR : Level.WARN)
          .setCause(fault ? detail : null)
          .addKeyValue("request_id", spec.requestId())
          .addKeyValue("attempt", spec.attempt())
          .addKeyValue("error", message)
          .addKeyValue("detail", detail)
          .log("attempt cannot go on");
      return of(code, message);
    }

    /** The client's stream has broken off and nobody may continue it. */
    static Failed broken(String reason) {
      return of(
          ErrorCode.STREAM_BROKEN,
          "The answer broke off half-way and could not be continued: " + reason);
    }

    @Override
    public AttemptOutcome outcome() {
      return AttemptOutcome.FAILED;
    }

    @Override
    public void describe(AttemptFinished.Builder report) {
      report
          .setErrorCode(failure.code().wireName())
          .setErrorMessage(failure.message())
          .setErrorParam(failure.param())
          .setHttpStatus(failure.httpStatus())
          .setRetryAfterMs(failure.retryAfterMs());
      if (failure.requestId() != null) {
        report.setProviderRequestId(failure.requestId());
      }
    }
  }

  /** The predecessor still writes, and nothing was done. */
  record Declined(AttemptDeclined declined) implements AttemptEnd {
    @Override
    public AttemptOutcome outcome() {
      return AttemptOutcome.SUPERSEDED;
    }

    @Override
    public void describe(AttemptFinished.Builder report) {
      throw new IllegalStateException("A declined attempt is not reported as finished");
    }
  }

  /** A cancel command ended it. */
  record Cancelled(CancelReason reason) implements AttemptEnd {
    @Override
    public AttemptOutcome outcome() {
      return switch (reason) {
        case SUPERSEDED, HEDGE_LOST -> AttemptOutcome.SUPERSEDED;
        case CLIENT_GONE, DEADLINE, OPERATOR, LIMIT, UNKNOWN -> AttemptOutcome.CANCELLED;
      };
    }

    @Override
    public void describe(AttemptFinished.Builder report) {
      report.setErrorCode(ErrorCode.CANCELLED.wireName()).setErrorMessage("Cancelled: " + reason);
    }
  }
}
