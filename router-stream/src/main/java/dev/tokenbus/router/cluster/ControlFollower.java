package dev.tokenbus.router.cluster;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the cancel commands of topic {@code control} to a {@link CancelFeed}. One thread owns one
 * consumer. After an error, which may be a registry that is away, it goes on behind the last
 * command that it has passed on.
 */
public final class ControlFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlFollower.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final KafkaSettings kafka;
  private final Deserializer<Control> commands;
  private final CancelFeed feed;
  private final Thread thread;
  private final Map<TopicPartition, Long> next = new HashMap<>();
  private volatile boolean closed;

  private ControlFollower(KafkaSettings kafka, TopicSchemas schemas, CancelFeed feed) {
    this.kafka = kafka;
    commands = schemas.deserializer(Control.class);
    this.feed = feed;
    thread = Thread.ofPlatform().name("router-control").daemon().unstarted(this::run);
  }

  /** Begins with what the topic still holds, an hour at most. */
  public static ControlFollower start(KafkaSettings kafka, TopicSchemas schemas, CancelFeed feed) {
    ControlFollower follower = new ControlFollower(kafka, schemas, feed);
    follower.thread.start();
    return follower;
  }

  private void run() {
    while (!closed) {
      try (KafkaConsumer<String, byte[]> consumer =
          new KafkaConsumer<>(
              kafka.consumer("router-control"),
              new StringDeserializer(),
              new ByteArrayDeserializer())) {
        follow(consumer);
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("cancel commands cannot be read");
        pause();
      }
    }
  }

  private void follow(KafkaConsumer<String, byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.CONTROL.name()).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    consumer.assign(partitions);
    for (TopicPartition partition : partitions) {
      Long offset = next.get(partition);
      if (offset == null) {
        consumer.seekToBeginning(List.of(partition));
      } else {
        consumer.seek(partition, offset);
      }
    }
    while (!closed) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        take(record);
        next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      }
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      Control control = commands.deserialize(record.topic(), record.value());
      if (control != null && control.getCommand() instanceof Cancel cancel) {
        feed.heard(RequestId.parse(control.getRequestId()), cancel);
      }
    } catch (SerializationException | IllegalArgumentException e) {
      LOG.atWarn()
          .addKeyValue("request_id", record.key())
          .setCause(e)
          .log("cancel command cannot be decoded and is skipped");
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
