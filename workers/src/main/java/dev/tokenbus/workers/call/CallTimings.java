package dev.tokenbus.workers.call;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The times of an attempt's calls, one after the other, by the monotonic clock. The thread that
 * reads the answer writes them and the time-out monitor reads them; there is no lock, since this is
 * on the path of every token.
 *
 * <p>Thread-safe for one writer.
 */
public final class CallTimings {
  private volatile boolean begun;
  private volatile boolean writing;
  private volatile boolean finished;
  private volatile long begunAt;
  private volatile long calledAt;
  private volatile long firstOutputAt;
  private volatile long lastOutputAt;
  private volatile long finishedAt;
  private volatile boolean hasOutput;

  /** A call begins; the output of an earlier one no longer counts. */
  public void begin() {
    calledAt = System.nanoTime();
    hasOutput = false;
    if (!begun) {
      begunAt = calledAt;
      begun = true;
    }
  }

  public void outputBegins() {
    writing = true;
    if (!hasOutput) {
      firstOutputAt = System.nanoTime();
      hasOutput = true;
    }
  }

  /**
   * The listener has dealt with the output; while it had to wait for the log, the provider was not
   * silent.
   */
  public void outputEnds() {
    lastOutputAt = System.nanoTime();
    writing = false;
  }

  public void finish() {
    finishedAt = System.nanoTime();
    finished = true;
  }

  public boolean begun() {
    return begun;
  }

  public boolean waitsForFirstOutput(long limitMs) {
    return begun && !hasOutput && isLongAgo(calledAt, limitMs);
  }

  public boolean waitsForMoreOutput(long limitMs) {
    return hasOutput && !writing && isLongAgo(lastOutputAt, limitMs);
  }

  /** Whether the call that runs, or ran last, brought output. */
  public boolean hasOutput() {
    return hasOutput;
  }

  /** From the last call to its first output. */
  public @Nullable Long toFirstOutputMs() {
    return hasOutput ? TimeUnit.NANOSECONDS.toMillis(firstOutputAt - calledAt) : null;
  }

  /** From the first call to the end; 0 where no call was made. */
  public long durationMs() {
    if (!begun) {
      return 0;
    }
    return TimeUnit.NANOSECONDS.toMillis((finished ? finishedAt : System.nanoTime()) - begunAt);
  }

  private static boolean isLongAgo(long then, long limitMs) {
    return System.nanoTime() - then > TimeUnit.MILLISECONDS.toNanos(limitMs);
  }
}
