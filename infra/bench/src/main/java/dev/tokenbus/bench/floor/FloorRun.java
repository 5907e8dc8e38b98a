package dev.tokenbus.bench.floor;

import dev.tokenbus.bench.load.Percentiles;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Sends numbered records at their times and takes the times of those that come back. */
final class FloorRun {
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long PATIENCE_SECONDS = 30;

  private final FloorPlan plan;
  private final AtomicLongArray scheduled;
  private final Histogram times = new Histogram(HIGHEST_NANOS, 3); // only for the last hop
  private final CompletableFuture<Void> allBack = new CompletableFuture<>();
  private int back;

  FloorRun(FloorPlan plan) {
    this.plan = plan;
    scheduled = new AtomicLongArray(plan.records());
  }

  /** On the last hop's thread. */
  void received(byte[] value) {
    int number = ByteBuffer.wrap(value).getInt();
    double slot = number / plan.perSecond();
    if (slot >= plan.warmUp().toNanos() / 1e9) {
      long nanos = System.nanoTime() - scheduled.get(number);
      times.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
    }
    if (++back == plan.records()) {
      allBack.complete(null);
    }
  }

  /** Sends everything and waits for the last record; a lost one is an error. */
  Percentiles measure(RawFloor.Forward client, Hop... hops) throws InterruptedException {
    for (Hop hop : hops) {
      hop.awaitOpen();
    }
    send(client);
    try {
      allBack.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a hop of the floor failed", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("records of the floor did not come back", e);
    }
    return Percentiles.of(times);
  }

  /** On the thread of the client that failed. */
  void failed(Exception failure) {
    allBack.completeExceptionally(failure);
  }

  private void send(RawFloor.Forward client) throws InterruptedException {
    double slotNanos = 1e9 / plan.perSecond();
    SplittableRandom random = new SplittableRandom(1); // the same arrivals as the load generator
    long begin = System.nanoTime();
    for (int number = 0; number < plan.records() && !allBack.isDone(); number++) {
      long at = begin + (long) ((number + random.nextDouble()) * slotNanos);
      for (long wait = at - System.nanoTime(); wait > 0; wait = at - System.nanoTime()) {
        LockSupport.parkNanos(wait);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      scheduled.set(number, at);
      client.take(ByteBuffer.allocate(plan.valueBytes()).putInt(number).array());
    }
  }
}
