package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.WorkerPool;

/**
 * The calls of one class to one provider: its slots and the loop that fills them.
 *
 * <p>Not thread-safe, except {@link #snapshot}.
 */
final class ProviderPool implements AutoCloseable {
  /** Makes the loop that fills a pool's slots, not yet started. */
  interface Loops {
    WorkLoop loop(String provider, Priority priority, int batch, Slots slots);
  }

  private static final int SLOTS_PER_RECORD = 8;
  private static final int LARGEST_BATCH = 8;

  private final String provider;
  private final Priority priority;
  private final Loops loops;
  private final Slots slots;
  private WorkLoop loop;

  ProviderPool(String provider, Priority priority, int size, Loops loops) {
    this.provider = provider;
    this.priority = priority;
    this.loops = loops;
    slots = new Slots(size);
    loop = loops.loop(provider, priority, batch(size), slots);
  }

  /**
   * Most records of one poll. The limit of a poll is fixed when its consumer is made, so a poll
   * waits until so many slots are free: large polls make for throughput under load, small ones fill
   * a pool to its last slots.
   */
  static int batch(int slots) {
    return Math.clamp(slots / SLOTS_PER_RECORD, 1, LARGEST_BATCH);
  }

  void start() {
    loop.start();
  }

  void resize(int size) {
    int before = batch(slots.total());
    slots.resize(size);
    if (batch(size) != before) {
      loop.close();
      loop = loops.loop(provider, priority, batch(size), slots);
      loop.start();
    }
  }

  WorkerPool snapshot() {
    return new WorkerPool(provider, priority, slots.total(), slots.free());
  }

  /** Takes nothing more; does not wait. */
  void stop() {
    loop.stop();
  }

  /** Takes nothing more and leaves the group; runs go on. */
  @Override
  public void close() {
    loop.close();
  }
}
