package dev.tokenbus.router;

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
 * Tells the {@link WorkerDirectory} what it hears on topic {@code workers}, and whether it could
 * hear. One thread owns one consumer. An error makes it begin anew with a new consumer: without it
 * nobody would notice a dead worker.
 */
final class WorkerFollower implements AutoCloseable {
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

  static WorkerFollower start(
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
        LOG.atError().setCause(e).log("worker heartbeats cannot be followed");
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
      // Where heartbeats come, the broker has just said how far the topic goes. To ask it would be
      // of no use: the question waits behind the next fetch until the next heartbeat, which then
      // makes this consumer look behind, time and again.
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

  /** An empty poll does not tell silence from a broker that is away; an answered question does. */
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

  boolean running() {
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
