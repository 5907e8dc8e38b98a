package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import org.jspecify.annotations.Nullable;

/** Adds up what the calls of one attempt used. */
final class UsageSum {
  private UsageSum() {}

  /**
   * The sum, class by class. It is an estimate as soon as a part of it is one, and keeps the last
   * call's own usage object, which is the one that the provider's request id stands for.
   *
   * @param earlier null where no earlier call is to be counted
   * @param last null where the last call is not to be counted
   */
  static @Nullable TokenUsage sum(@Nullable TokenUsage earlier, @Nullable TokenUsage last) {
    if (earlier == null) {
      return last;
    }
    if (last == null) {
      return earlier;
    }
    boolean estimated =
        earlier.getSource() == UsageSource.ESTIMATE || last.getSource() == UsageSource.ESTIMATE;
    return TokenUsage.newBuilder()
        .setInput(earlier.getInput() + last.getInput())
        .setCacheRead(earlier.getCacheRead() + last.getCacheRead())
        .setCacheWrite(earlier.getCacheWrite() + last.getCacheWrite())
        .setCacheWriteOneHour(earlier.getCacheWriteOneHour() + last.getCacheWriteOneHour())
        .setInputAudio(earlier.getInputAudio() + last.getInputAudio())
        .setInputImage(earlier.getInputImage() + last.getInputImage())
        .setOutput(earlier.getOutput() + last.getOutput())
        .setReasoning(earlier.getReasoning() + last.getReasoning())
        .setOutputAudio(earlier.getOutputAudio() + last.getOutputAudio())
        .setOutputImage(earlier.getOutputImage() + last.getOutputImage())
        .setSource(estimated ? UsageSource.ESTIMATE : last.getSource())
        .setRaw(last.getRaw())
        .build();
  }
}
