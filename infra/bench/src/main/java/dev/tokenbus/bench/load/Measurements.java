package dev.tokenbus.bench.load;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Adds up what a run sees; only for the loop's thread. All times are {@link System#nanoTime()}. */
final class Measurements {
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int DIGITS = 3;

  private final long fromNanos;
  private long untilNanos;
  private final Histogram firstToken = new Histogram(HIGHEST_NANOS, DIGITS);
  private final Histogram gaps = new Histogram(HIGHEST_NANOS, DIGITS);
  private final Histogram total = new Histogram(HIGHEST_NANOS, DIGITS);
  private final Histogram startLag = new Histogram(HIGHEST_NANOS, DIGITS);
  private final Map<String, Long> problems = new TreeMap<>();
  private long requests;
  private long complete;
  private long endedInTime;
  private long tokensInTime;

  Measurements(long fromNanos, long untilNanos) {
    this.fromNanos = fromNanos;
    this.untilNanos = untilNanos;
  }

  /** The measured time ends sooner than planned. */
  void endAt(long nanos) {
    untilNanos = nanos;
  }

  boolean measures(long nanos) {
    return nanos - fromNanos >= 0 && nanos - untilNanos < 0;
  }

  void began(long scheduledNanos, long actualNanos) {
    if (measures(scheduledNanos)) {
      requests++;
      record(startLag, actualNanos - scheduledNanos);
    }
  }

  void firstToken(long scheduledNanos, long nowNanos) {
    if (measures(scheduledNanos)) {
      record(firstToken, nowNanos - scheduledNanos);
    }
  }

  void gap(long scheduledNanos, long gapNanos) {
    if (measures(scheduledNanos)) {
      record(gaps, gapNanos);
    }
  }

  void tokens(long nowNanos, int count) {
    if (measures(nowNanos)) {
      tokensInTime += count;
    }
  }

  void ended(long scheduledNanos, long nowNanos, Optional<String> problem) {
    if (problem.isEmpty() && measures(nowNanos)) {
      endedInTime++;
    }
    if (!measures(scheduledNanos)) {
      return;
    }
    if (problem.isPresent()) {
      problems.merge(problem.get(), 1L, Long::sum);
    } else {
      complete++;
      record(total, nowNanos - scheduledNanos);
    }
  }

  LoadResult result() {
    double seconds = (untilNanos - fromNanos) / 1e9;
    return new LoadResult(
        requests,
        complete,
        problems,
        Duration.ofNanos(untilNanos - fromNanos),
        endedInTime / seconds,
        tokensInTime / seconds,
        Percentiles.of(firstToken),
        Percentiles.of(gaps),
        Percentiles.of(total),
        Percentiles.of(startLag));
  }

  private static void record(Histogram histogram, long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
  }
}
