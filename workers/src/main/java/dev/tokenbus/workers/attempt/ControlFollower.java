package dev.tokenbus.workers.attempt;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every command on {@code control}. It begins two minutes before the present, since a command
 * may be older than the worker that takes the request.
 *
 * <p>One thread, one consumer; after an error it starts again in the same way.
 */
public final class ControlFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlFollower.class);
  private static final Duration LOOK_BACK = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private final InstantSource clock;
  private final BiConsumer<String, Cancel> cancels;
  private final Thread thread;
  private volatile boolean ready;
  private volatile boolean closed;

  private ControlFollower(
      KafkaSettings kafka,
      TopicSchemas schemas,
      InstantSource clock,
      BiConsumer<String, Cancel> cancels) {
    this.kafka = kafka;
    this.schemas = schemas;
    this.clock = clock;
    this.cancels = cancels;
    thread = Thread.ofPlatform().name("control").daemon().unstarted(this::run);
  }

  /**
   * Starts the follower's thread.
   *
   * @param cancels takes a request's id and the command, on the follower's thread
   */
  public static ControlFollower start(
      KafkaSettings kafka,
      TopicSchemas schemas,
      InstantSource clock,
      BiConsumer<String, Cancel> cancels) {
    ControlFollower follower = new ControlFollower(kafka, schemas, clock, cancels);
    follower.thread.start();
    return follower;
  }

  /** Whether commands are being read. */
  public boolean ready() {
    return ready;
  }

  private void run() {
    while (!closed) {
      try (Consumer<String, Control> consumer =
          new KafkaConsumer<>(
              kafka.consumer("worker-control"),
              new StringDeserializer(),
              schemas.deserializer(Control.class))) {
        begin(consumer);
        while (!closed) {
          step(consumer);
        }
      } catch (WakeupException e) {
        LOG.atDebug().log("control follower woken");
      } catch (RuntimeException e) {
        ready = false;
        LOG.atError().setCause(e).log("control follower starts again");
        pause();
      }
    }
  }

  private void begin(Consumer<String, Control> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.CONTROL.name()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> from = new HashMap<>();
    long since = clock.instant().minus(LOOK_BACK).toEpochMilli();
    partitions.forEach(partition -> from.put(partition, since));
    Map<TopicPartition, OffsetAndTimestamp> offsets = consumer.offsetsForTimes(from);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp offset = offsets.get(partition);
      consumer.seek(partition, offset == null ? ends.getOrDefault(partition, 0L) : offset.offset());
    }
    ready = true;
  }

  private void step(Consumer<String, Control> consumer) {
    try {
      for (ConsumerRecord<String, Control> record : consumer.poll(POLL)) {
        Control control = record.value();
        if (control != null && control.getCommand() instanceof Cancel cancel) {
          cancels.accept(control.getRequestId(), cancel);
        }
      }
    } catch (RecordDeserializationException e) {
      LOG.atError().setCause(e).log("a command could not be decoded and was skipped");
      consumer.seek(e.topicPartition(), e.offset() + 1);
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
