package dev.tokenbus.workers.pool;

import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.WorkerPool;

/**
 * The calls of one class to one provider: its slots and the consumer that fills them.
 *
 * <p>Not thread-safe, except {@link #snapshot} and {@link #ready}.
 */
final class ProviderPool implements AutoCloseable {
  /** Makes the consumer that fills a pool's slots, not yet started. */
  interface Consumers {
    DispatchConsumer consumer(String provider, Priority priority, int batch, Slots slots);
  }

  private static final int SLOTS_PER_RECORD = 8;
  private static final int LARGEST_BATCH = 12;

  private final String provider;
  private final Priority priority;
  private final Consumers consumers;
  private final Slots slots;
  private SlotLimits limits;
  private volatile DispatchConsumer consumer;

  ProviderPool(String provider, Priority priority, SlotLimits limits, Consumers consumers) {
    this.provider = provider;
    this.priority = priority;
    this.consumers = consumers;
    this.limits = limits;
    int batch = batch(limits.start());
    slots = new Slots(limits.sizing(batch));
    consumer = consumers.consumer(provider, priority, batch, slots);
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
    consumer.start();
  }

  void resize(SlotLimits changed) {
    if (changed.equals(limits)) {
      // What was learnt of the provider stays.
      return;
    }
    int before = batch(limits.start());
    int batch = batch(changed.start());
    limits = changed;
    slots.resize(changed.sizing(batch));
    if (batch != before) {
      consumer.close();
      consumer = consumers.consumer(provider, priority, batch, slots);
      consumer.start();
    }
  }

  WorkerPool snapshot() {
    return new WorkerPool(provider, priority, slots.total(), slots.free(), slots.ceiling());
  }

  /** Whether nothing keeps the pool from taking work. */
  boolean ready() {
    return consumer.ready();
  }

  /** Takes nothing more; does not wait. */
  void stop() {
    consumer.stop();
  }

  /** Takes nothing more and leaves the group; runs go on. */
  @Override
  public void close() {
    consumer.close();
  }
}
