package dev.tokenbus.workers.usage;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.chat.TokenEstimate;
import dev.tokenbus.workers.recovery.ContinuationStrategy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts for one run what its provider calls used, and what the client is to be billed for the
 * answer. The two differ where the run continues what others delivered: the client pays for its
 * prompt once and for every token delivered, whichever run delivered it; abandoned calls and
 * prefixes sent as input are cost and no client's business.
 *
 * <p>Thread-safe.
 */
public final class UsageTally {
  /**
   * A call that may still count.
   *
   * @param addedTokens of the prompt that were not the client's
   */
  private record Counted(OutputMeter meter, Continuation continuation, long addedTokens) {}

  private @Nullable TokenUsage spent;
  private @Nullable Counted counted;
  private long promptTokens;
  private long prefixOutput;
  private long prefixReasoning;

  /** The client has been given this by earlier attempts. */
  public synchronized void delivered(ChatRequest body, List<Delta> prefix) {
    promptTokens = TokenEstimate.of(body);
    for (Delta delta : prefix) {
      prefixOutput += TokenEstimate.output(delta);
      prefixReasoning += TokenEstimate.reasoning(delta);
    }
  }

  /** A call begins. */
  public synchronized OutputMeter call(ContinuationStrategy strategy) {
    OutputMeter meter = new OutputMeter(strategy.body());
    counted = new Counted(meter, strategy.continuation(), strategy.addedTokens());
    return meter;
  }

  /**
   * The answer to the call comes to nothing.
   *
   * @param cost null where the call was refused
   */
  public synchronized void abandoned(@Nullable TokenUsage cost) {
    spent = UsageSum.sum(spent, cost);
    counted = null;
  }

  /**
   * What the calls used.
   *
   * @param last what the provider counted for the call that ran last; null where it did not
   * @param worked whether the provider is likely to bill for a call that it did not count
   */
  public synchronized @Nullable TokenUsage cost(@Nullable TokenUsage last, boolean worked) {
    TokenUsage estimate = counted == null || !worked ? null : counted.meter.estimate();
    return UsageSum.sum(spent, last == null ? estimate : last);
  }

  /**
   * What the client is to be billed for the answer as far as it stands in the log.
   *
   * @param last as for {@link #cost}
   * @param worked as for {@link #cost}
   * @return null where there is nothing to bill
   */
  public synchronized @Nullable TokenUsage answer(@Nullable TokenUsage last, boolean worked) {
    Counted call = counted;
    TokenUsage used = last;
    if (used == null && call != null && worked) {
      used = call.meter.estimate();
    }
    if (prefixOutput + prefixReasoning == 0) {
      return used;
    }
    if (call == null || used == null) {
      return prefixOnly();
    }
    return switch (call.continuation) {
      case FRESH -> used;
      // What repeats the prefix counts as the prefix; a repeat that broke off delivered no less.
      case REPEAT ->
          used.getOutput() + used.getReasoning() < prefixOutput + prefixReasoning
              ? prefixOnly()
              : used;
      case PREFILL, INSTRUCTION -> continued(used, call.addedTokens);
    };
  }

  private TokenUsage prefixOnly() {
    return TokenUsage.newBuilder()
        .setInput(promptTokens)
        .setOutput(prefixOutput)
        .setReasoning(prefixReasoning)
        .setSource(UsageSource.ESTIMATE)
        .build();
  }

  /** The prefix was input of the call, and is output of the answer. */
  private TokenUsage continued(TokenUsage used, long added) {
    long fromInput = Math.min(added, used.getInput());
    long fromCache = Math.min(added - fromInput, used.getCacheRead());
    return TokenUsage.newBuilder(used)
        .setInput(used.getInput() - fromInput)
        .setCacheRead(used.getCacheRead() - fromCache)
        .setOutput(used.getOutput() + prefixOutput)
        .setReasoning(used.getReasoning() + prefixReasoning)
        .setSource(UsageSource.ESTIMATE)
        .build();
  }
}
