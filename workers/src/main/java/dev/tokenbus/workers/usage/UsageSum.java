package dev.tokenbus.workers.usage;

import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.avro.UsageUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        .setCacheReadAudio(earlier.getCacheReadAudio() + last.getCacheReadAudio())
        .setCacheReadImage(earlier.getCacheReadImage() + last.getCacheReadImage())
        .setInputVideo(earlier.getInputVideo() + last.getInputVideo())
        .setOutputVideo(earlier.getOutputVideo() + last.getOutputVideo())
        .setOutputCitation(earlier.getOutputCitation() + last.getOutputCitation())
        .setUnits(units(earlier.getUnits(), last.getUnits()))
        .setSource(estimated ? UsageSource.ESTIMATE : last.getSource())
        .setRaw(last.getRaw())
        .build();
  }

  private static List<UsageUnit> units(List<UsageUnit> earlier, List<UsageUnit> last) {
    if (earlier.isEmpty() || last.isEmpty()) {
      return earlier.isEmpty() ? last : earlier;
    }
    Map<String, Long> sums = new LinkedHashMap<>();
    for (UsageUnit unit : earlier) {
      sums.merge(unit.getUnit(), unit.getMillionths(), Long::sum);
    }
    for (UsageUnit unit : last) {
      sums.merge(unit.getUnit(), unit.getMillionths(), Long::sum);
    }
    return sums.entrySet().stream()
        .map(sum -> new UsageUnit(sum.getKey(), sum.getValue()))
        .toList();
  }
}
