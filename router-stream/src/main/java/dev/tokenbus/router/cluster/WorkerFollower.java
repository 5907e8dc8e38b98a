package dev.tokenbus.router.cluster;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the heartbeats of topic {@code workers} to the {@link WorkerDirectory}, and whether the
 * broker answers. One thread owns one consumer. After an error it starts again with a new consumer:
 * without it no dead worker would be noticed.
 */
public final class WorkerFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerFollower.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PROBE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private final WorkerDirectory directory;
  private final InstantSource clock;
  private final Thread thread;
  private volatile boolean closed;

  private WorkerFollower(
      KafkaSettings kafka, TopicSchemas schemas, WorkerDirectory directory, InstantSource clock) {
    this.kafka = kafka;
    this.schemas = schemas;
    this.directory = directory;
    this.clock = clock;
    thread = Thread.ofPlatform().name("router-workers").daemon().unstarted(this::run);
  }

  public static WorkerFollower start(
      KafkaSettings kafka, TopicSchemas schemas, WorkerDirectory directory, InstantSource clock) {
    WorkerFollower follower = new WorkerFollower(kafka, schemas, directory, clock);
    follower.thread.start();
    return follower;
  }

  private void run() {
    while (!closed) {
      try (KafkaConsumer<String, WorkerHeartbeat> consumer =
          new KafkaConsumer<>(
              kafka.consumer("router-workers"),
              new StringDeserializer(),
              schemas.deserializer(WorkerHeartbeat.class))) {
        follow(consumer);
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("worker heartbeats cannot be read");
        pause();
      }
    }
  }

  private void follow(KafkaConsumer<String, WorkerHeartbeat> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.WORKERS.name()).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    while (!closed) {
      ConsumerRecords<String, WorkerHeartbeat> records = consumer.poll(POLL);
      for (ConsumerRecord<String, WorkerHeartbeat> record : records) {
        if (record.value() != null) {
          directory.heard(record.value(), clock.instant());
        }
      }
      // A fetch that brings heartbeats also brings the end offset. A request for it would wait
      // behind the next fetch until the next heartbeat, after which this consumer would again be
      // behind.
      if (records.isEmpty()
          ? answersAtTheEnd(consumer, partitions)
          : atTheEnd(consumer, partitions)) {
        directory.reached(clock.instant());
      }
    }
  }

  private static boolean atTheEnd(
      KafkaConsumer<String, WorkerHeartbeat> consumer, List<TopicPartition> partitions) {
    return partitions.stream().allMatch(partition -> consumer.currentLag(partition).orElse(1) == 0);
  }

  /** An empty poll does not tell silence from a broker that is away; an answered request does. */
  private static boolean answersAtTheEnd(
      KafkaConsumer<String, WorkerHeartbeat> consumer, List<TopicPartition> partitions) {
    try {
      return consumer.endOffsets(partitions, PROBE).entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey(), PROBE) >= end.getValue());
    } catch (KafkaException e) {
      LOG.atDebug().setCause(e).log("broker does not answer");
      return false;
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public boolean running() {
    return thread.isAlive();
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
