package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the catalogue of a process up to date with its topic. One thread owns one consumer;
 * everybody reads the latest snapshot without waiting.
 *
 * <p>Thread-safe.
 */
public final class CatalogueFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogueFollower.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final KafkaConsumer<String, CatalogueEntry> consumer;
  private final List<TopicPartition> partitions;
  private final Map<String, CatalogueEntry> entries = new HashMap<>();
  private final List<Consumer<Catalogue>> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Catalogue> first = new CompletableFuture<>();
  private final Thread thread;
  private volatile Catalogue current = Catalogue.EMPTY;
  private volatile boolean closed;

  private CatalogueFollower(KafkaConsumer<String, CatalogueEntry> consumer) {
    this.consumer = consumer;
    partitions =
        consumer.partitionsFor(Topics.CATALOGUE.name()).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    thread = Thread.ofPlatform().name("catalogue").daemon().unstarted(this::run);
  }

  /**
   * Returns when the catalogue has been read to the end it had at the time of the call.
   *
   * @throws IllegalStateException if that takes longer than the time-out
   */
  public static CatalogueFollower start(
      KafkaSettings kafka, TopicSchemas schemas, Duration timeout) {
    CatalogueFollower follower =
        new CatalogueFollower(
            new KafkaConsumer<>(
                kafka.consumer("catalogue"),
                new StringDeserializer(),
                schemas.deserializer(CatalogueEntry.class)));
    follower.thread.start();
    try {
      follower.first.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return follower;
    } catch (ExecutionException e) {
      follower.close();
      throw new IllegalStateException("Cannot read the catalogue", e.getCause());
    } catch (TimeoutException e) {
      follower.close();
      throw new IllegalStateException("The catalogue could not be read in " + timeout, e);
    } catch (InterruptedException e) {
      follower.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reading the catalogue", e);
    }
  }

  /** The catalogue as it is now. */
  public Catalogue current() {
    return current;
  }

  /**
   * Calls the listener with the present catalogue, and again after every change, on the follower's
   * thread; it must not block for long. A listener's exception is logged and does not stop the
   * follower.
   */
  public void onChange(Consumer<Catalogue> listener) {
    listeners.add(listener);
    listener.accept(current);
  }

  private void run() {
    try (consumer) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (!closed) {
        ConsumerRecords<String, CatalogueEntry> records = poll();
        for (ConsumerRecord<String, CatalogueEntry> record : records) {
          if (record.value() == null) {
            entries.remove(record.key());
          } else {
            entries.put(record.key(), record.value());
          }
        }
        boolean caughtUp =
            first.isDone()
                || ends.entrySet().stream()
                    .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
        if (caughtUp && (!records.isEmpty() || !first.isDone())) {
          publish(Catalogue.of(entries));
        }
      }
    } catch (WakeupException e) {
      if (!closed) {
        throw e;
      }
    } catch (RuntimeException e) {
      first.completeExceptionally(e);
      LOG.atError().setCause(e).log("catalogue follower stopped");
    }
  }

  private ConsumerRecords<String, CatalogueEntry> poll() {
    try {
      return consumer.poll(POLL);
    } catch (RecordDeserializationException e) {
      // One bad entry must not keep the others from every app: what it replaces stays in force.
      LOG.atError()
          .addKeyValue("offset", e.offset())
          .setCause(e)
          .log("catalogue entry cannot be read and is passed over");
      consumer.seek(e.topicPartition(), e.offset() + 1);
      return ConsumerRecords.empty();
    }
  }

  private void publish(Catalogue catalogue) {
    current = catalogue;
    first.complete(catalogue);
    for (Consumer<Catalogue> listener : listeners) {
      try {
        listener.accept(catalogue);
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("catalogue listener failed");
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
