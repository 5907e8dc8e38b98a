package dev.tokenbus.bench.load;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A distribution of times, in milliseconds; all zero when nothing was measured. */
public record Percentiles(
    long count,
    double min,
    double mean,
    double p50,
    double p90,
    double p99,
    double p999,
    double max) {
  private static final double NANOS_PER_MILLISECOND = 1e6;

  /** Of a histogram whose values are nanoseconds. */
  public static Percentiles of(Histogram nanos) {
    if (nanos.getTotalCount() == 0) {
      return new Percentiles(0, 0, 0, 0, 0, 0, 0, 0);
    }
    return new Percentiles(
        nanos.getTotalCount(),
        nanos.getMinValue() / NANOS_PER_MILLISECOND,
        nanos.getMean() / NANOS_PER_MILLISECOND,
        at(nanos, 50),
        at(nanos, 90),
        at(nanos, 99),
        at(nanos, 99.9),
        nanos.getMaxValue() / NANOS_PER_MILLISECOND);
  }

  private static double at(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / NANOS_PER_MILLISECOND;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "p50 %.2f  p90 %.2f  p99 %.2f  max %.2f ms", p50, p90, p99, max);
  }
}
