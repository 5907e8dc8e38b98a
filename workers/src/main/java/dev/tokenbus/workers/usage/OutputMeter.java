package dev.tokenbus.workers.usage;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.chat.TokenEstimate;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Estimates the tokens of one call while it runs, for a provider that never reports its usage.
 *
 * <p>Thread-safe.
 */
public final class OutputMeter {
  private final long input;
  private final AtomicLong output = new AtomicLong();
  private final AtomicLong reasoning = new AtomicLong();

  public OutputMeter(ChatRequest request) {
    input = TokenEstimate.of(request);
  }

  public void add(List<Delta> deltas) {
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
  public TokenUsage estimateWith(List<Delta> delivered) {
    add(delivered);
    return estimate();
  }

  public TokenUsage estimate() {
    return TokenUsage.newBuilder()
        .setInput(input)
        .setOutput(output.get())
        .setReasoning(reasoning.get())
        .setSource(UsageSource.ESTIMATE)
        .build();
  }
}
