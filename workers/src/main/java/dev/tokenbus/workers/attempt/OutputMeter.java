package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.workers.provider.TokenEstimate;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Estimates the tokens of one call while it runs, for a provider that never reports its usage.
 *
 * <p>Thread-safe.
 */
final class OutputMeter {
  private final long input;
  private final AtomicLong output = new AtomicLong();
  private final AtomicLong reasoning = new AtomicLong();

  OutputMeter(ChatRequest request) {
    input = TokenEstimate.of(request);
  }

  void add(List<Delta> deltas) {
    long plain = 0;
    long thought = 0;
    for (Delta delta : deltas) {
      plain += TokenEstimate.output(delta);
      thought += TokenEstimate.reasoning(delta);
    }
    output.addAndGet(plain);
    reasoning.addAndGet(thought);
  }

  /** The estimate with output that another run delivered. */
  TokenUsage estimateWith(List<Delta> delivered) {
    add(delivered);
    return estimate();
  }

  TokenUsage estimate() {
    return TokenUsage.newBuilder()
        .setInput(input)
        .setOutput(output.get())
        .setReasoning(reasoning.get())
        .setSource(UsageSource.ESTIMATE)
        .build();
  }
}
