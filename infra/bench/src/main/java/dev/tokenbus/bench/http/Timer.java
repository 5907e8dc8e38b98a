package dev.tokenbus.bench.http;

/** A task that an {@link EventLoop} runs once at a time; only for the loop's thread. */
public final class Timer implements Comparable<Timer> {
  private final long atNanos;
  private final Runnable task;
  private boolean cancelled;

  Timer(long atNanos, Runnable task) {
    this.atNanos = atNanos;
    this.task = task;
  }

  /** The task will not run; harmless when it already has. */
  public void cancel() {
    cancelled = true;
  }

  long atNanos() {
    return atNanos;
  }

  Runnable task() {
    return task;
  }

  boolean live() {
    return !cancelled;
  }

  /** By time, compared by difference because {@link System#nanoTime()} may wrap. */
  @Override
  public int compareTo(Timer other) {
    return Long.signum(atNanos - other.atNanos);
  }
}
