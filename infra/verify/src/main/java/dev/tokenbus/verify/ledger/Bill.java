package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageRecorded;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a request ended and what it is charged: outcome, usage record and row must agree on it.
 *
 * @param attempt the billed one; 0 if none is
 * @param inputTokens of all classes
 * @param outputTokens of all classes, reasoning included
 */
public record Bill(RequestStatus status, int attempt, long inputTokens, long outputTokens) {
  public static Bill of(RequestFinished outcome) {
    return of(outcome.getStatus(), outcome.getBilled());
  }

  public static Bill of(UsageRecorded usage) {
    return of(usage.getStatus(), usage.getBilled());
  }

  private static Bill of(RequestStatus status, @Nullable BilledAttempt billed) {
    if (billed == null) {
      return new Bill(status, 0, 0, 0);
    }
    TokenUsage usage = billed.getUsage();
    return new Bill(
        status,
        billed.getAttempt(),
        usage.getInput()
            + usage.getCacheRead()
            + usage.getCacheWrite()
            + usage.getCacheWriteOneHour()
            + usage.getCacheReadAudio()
            + usage.getCacheReadImage()
            + usage.getInputAudio()
            + usage.getInputImage()
            + usage.getInputVideo(),
        usage.getOutput()
            + usage.getReasoning()
            + usage.getOutputAudio()
            + usage.getOutputImage()
            + usage.getOutputVideo()
            + usage.getOutputCitation());
  }

  @Override
  public String toString() {
    String how = status.name().toLowerCase(Locale.ROOT);
    return attempt == 0
        ? how + ", nothing billed"
        : "%s, attempt %d billed with %d + %d tokens"
            .formatted(how, attempt, inputTokens, outputTokens);
  }
}
