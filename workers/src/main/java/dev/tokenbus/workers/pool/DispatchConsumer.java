package dev.tokenbus.workers.pool;

import dev.tokenbus.runtime.kafka.DeadLetterWriter;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.serde.Decoded;
import dev.tokenbus.schemas.serde.RecordDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes dispatches from one share group, as many as there are free slots, and begins their runs.
 *
 * <p>A share consumer is given nothing new while a record of its last poll is not acknowledged.
 * Each is therefore accepted as soon as the start of its run stands on the log, not when its stream
 * has ended; the run itself began when the record came. Slots are taken before the poll and kept
 * while it finds nothing, since a fetch that is under way may still bring records.
 *
 * <p>One thread, one consumer, made and closed there; after an error of the consumer a new one is
 * made.
 */
final class DispatchConsumer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DispatchConsumer.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final String name;
  private final int batch;
  private final Slots slots;
  private final Supplier<ShareConsumer<String, byte[]>> consumers;
  private final RecordDecoder<AttemptDispatched> decoder;
  private final Intake intake;
  private final DeadLetterWriter deadLetters;
  private final Thread thread;
  private volatile @Nullable ShareConsumer<String, byte[]> current;
  private volatile boolean waitsForRegistry;
  private volatile boolean closed;

  /** Begins the run of a dispatch. */
  interface Intake {
    /**
     * Begins it and does not wait.
     *
     * @return completes when the dispatch may be taken off its topic
     * @throws IllegalArgumentException if the dispatch cannot be understood; then its slot is not
     *     used
     */
    CompletableFuture<Void> begin(AttemptDispatched dispatched, int deliveryCount);
  }

  /**
   * @param name of the thread
   * @param batch most records of one poll; the consumer waits until so many slots are free
   * @param consumers makes consumers that are subscribed and explicit
   */
  DispatchConsumer(
      String name,
      int batch,
      Slots slots,
      Supplier<ShareConsumer<String, byte[]>> consumers,
      RecordDecoder<AttemptDispatched> decoder,
      Intake intake,
      DeadLetterWriter deadLetters) {
    this.name = name;
    this.batch = batch;
    this.slots = slots;
    this.consumers = consumers;
    this.decoder = decoder;
    this.intake = intake;
    this.deadLetters = deadLetters;
    thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try (ShareConsumer<String, byte[]> consumer = consumers.get()) {
        current = consumer;
        while (!closed) {
          step(consumer);
        }
      } catch (InterruptedException | InterruptException e) {
        // Only close() interrupts.
        return;
      } catch (WakeupException e) {
        LOG.atDebug().addKeyValue("pool", name).log("the consumer was woken");
      } catch (RuntimeException e) {
        if (closed) {
          LOG.atDebug().setCause(e).addKeyValue("pool", name).log("the consumer was closed");
          return;
        }
        LOG.atError()
            .setCause(e)
            .addKeyValue("pool", name)
            .log("the consumer starts again after an error");
        pause();
      }
    }
  }

  /** One poll and the beginning of what it brought. */
  void step(ShareConsumer<String, byte[]> consumer) throws InterruptedException {
    if (!slots.tryTake(batch)) {
      // InFlightRecords travel with the next fetch, which may be long in coming.
      consumer.commitAsync();
      if (!slots.take(batch, () -> closed)) {
        return;
      }
    }
    int held = batch;
    try {
      ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
      while (records.isEmpty() && !closed) {
        records = consumer.poll(POLL);
      }
      List<Begun> begun = new ArrayList<>(records.count());
      for (ConsumerRecord<String, byte[]> record : records) {
        begun.add(begin(record));
        if (begun.getLast().kind() == AcknowledgeType.ACCEPT) {
          held--;
        }
      }
      // Free for other loops of the pool while this one waits for the broker.
      slots.giveBack(held);
      held = 0;
      for (Begun one : begun) {
        one.safe().join();
        consumer.acknowledge(one.record(), one.kind());
      }
      waitForRegistry(consumer, begun);
    } catch (CompletionException e) {
      throw new KafkaException("A dead letter could not be written", e.getCause());
    } finally {
      slots.giveBack(held);
    }
  }

  private Begun begin(ConsumerRecord<String, byte[]> record) {
    byte[] value = record.value();
    if (value == null) {
      return dead(record, new IllegalArgumentException("The record has no value"));
    }
    return switch (decoder.decode(record.topic(), value)) {
      case Decoded.Value<AttemptDispatched>(AttemptDispatched dispatched) ->
          begin(record, dispatched);
      case Decoded.Undecodable<AttemptDispatched> undecodable -> dead(record, undecodable.reason());
      case Decoded.RegistryDown<AttemptDispatched> down -> {
        LOG.atWarn()
            .setCause(down.cause())
            .addKeyValue("pool", name)
            .log("a dispatch waits for the schema registry");
        yield new Begun(record, DONE, AcknowledgeType.RENEW);
      }
    };
  }

  private Begun begin(ConsumerRecord<String, byte[]> record, AttemptDispatched dispatched) {
    try {
      int deliveryCount = record.deliveryCount().map(Short::intValue).orElse(1);
      return new Begun(record, intake.begin(dispatched, deliveryCount), AcknowledgeType.ACCEPT);
    } catch (IllegalArgumentException e) {
      return dead(record, e);
    }
  }

  private Begun dead(ConsumerRecord<String, byte[]> record, RuntimeException reason) {
    LOG.atError()
        .setCause(reason)
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .log("a dispatch could not be decoded and is written to the dead letters");
    return new Begun(
        record,
        deadLetters.write(record, String.valueOf(reason.getMessage())),
        AcknowledgeType.REJECT);
  }

  /**
   * Keeps the records that need the registry, and their delivery counts: a renewed record comes
   * again with the next poll.
   */
  private void waitForRegistry(ShareConsumer<String, byte[]> consumer, List<Begun> begun) {
    waitsForRegistry = begun.stream().anyMatch(one -> one.kind() == AcknowledgeType.RENEW);
    if (waitsForRegistry) {
      consumer.commitAsync();
      pause();
    }
  }

  /** Whether nothing keeps it from beginning what it is given. */
  boolean ready() {
    return !waitsForRegistry;
  }

  /**
   * @param safe completes when the record may be acknowledged
   * @param kind how it is acknowledged
   */
  private record Begun(
      ConsumerRecord<String, byte[]> record, CompletableFuture<Void> safe, AcknowledgeType kind) {}

  private void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      // Only close() interrupts, and the condition of the loop ends it.
      LOG.atDebug().addKeyValue("pool", name).log("the consumer was interrupted while it paused");
    }
  }

  /** Takes nothing more; does not wait. */
  void stop() {
    closed = true;
    slots.wake();
    ShareConsumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
  }

  /** Stops, leaves the group and waits for that. */
  @Override
  public void close() {
    stop();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
