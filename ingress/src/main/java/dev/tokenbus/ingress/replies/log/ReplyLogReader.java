package dev.tokenbus.ingress.replies.log;

import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyOffsets;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads pages of requests' records from the log. A pass over a partition serves all page requests
 * that begin near its start, so that a thousand clients who come back at once cost a few passes and
 * not a thousand consumers. The oldest page request decides where the next pass begins, so that
 * nobody waits for ever behind one that reads far.
 *
 * <p>One thread owns one consumer, created with the first page request.
 */
final class ReplyLogReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyLogReader.class);

  /** How far behind the start of a pass a page request may begin and still be part of it. */
  private static final long BATCH_SPAN_OFFSETS = 500_000;

  /**
   * A pass ends after this long, so that others get their turn. It is long enough to read a busy
   * minute, since a second pass over the same records costs more than waiting for the first.
   */
  private static final Duration TURN = Duration.ofSeconds(2);

  private static final Duration BROKER_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, Object> settings;
  private final Deserializer<Reply> decoder;
  private final BlockingQueue<PageRequest> queued = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Creates a reader and starts its thread.
   *
   * @param settings the settings of a consumer, without deserializers
   */
  ReplyLogReader(String name, Map<String, Object> settings, Deserializer<Reply> decoder) {
    this.settings = settings;
    this.decoder = decoder;
    thread = Thread.ofPlatform().name(name).start(this::run);
  }

  /** Queues a page request. */
  void submit(PageRequest request) {
    queued.add(request);
  }

  private void run() {
    List<PageRequest> waiting = new ArrayList<>();
    try {
      waiting.add(queued.take());
      try (KafkaConsumer<String, byte[]> consumer =
          new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
        while (!closed) {
          queued.drainTo(waiting);
          if (waiting.isEmpty()) {
            waiting.add(queued.take());
          } else {
            serveFirst(consumer, waiting);
          }
        }
      }
    } catch (InterruptedException | InterruptException e) {
      LOG.atDebug().log("reply log reader closed");
    } finally {
      queued.drainTo(waiting);
      waiting.forEach(
          request -> request.fail(new IllegalStateException("The reply log is closed")));
    }
  }

  /** Serves the oldest page request and those near it, and removes them from the waiting ones. */
  private void serveFirst(KafkaConsumer<String, byte[]> consumer, List<PageRequest> waiting) {
    TopicPartition partition =
        new TopicPartition(Topics.REPLIES.name(), waiting.getFirst().partition());
    List<PageRequest> batch = new ArrayList<>(List.of(waiting.getFirst()));
    try {
      consumer.assign(List.of(partition));
      long end = endOf(consumer, partition);
      findBeginnings(consumer, partition, waiting, end);
      batch = batch(waiting);
      pass(consumer, partition, batch, end);
    } catch (InterruptException e) {
      // The reader is being closed: the interrupt is still set and ends the loop.
      batch.forEach(request -> request.fail(e));
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("partition", partition.partition())
          .setCause(e)
          .log("reading the reply log failed");
      batch.forEach(request -> request.fail(e));
    }
    waiting.removeAll(new HashSet<>(batch));
  }

  private static List<PageRequest> batch(List<PageRequest> waiting) {
    PageRequest first = waiting.getFirst();
    return waiting.stream()
        .filter(request -> request.partition() == first.partition())
        .filter(request ->
            request.from() >= first.from() && request.from() - first.from() <= BATCH_SPAN_OFFSETS)
        .toList();
  }

  private void pass(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      List<PageRequest> batch,
      long end) {
    Map<String, List<PageRequest>> byKey = new HashMap<>();
    batch.forEach(
        request -> byKey.computeIfAbsent(request.key(), key -> new ArrayList<>(1)).add(request));
    long begin = batch.getFirst().from();
    long position = begin;
    consumer.seek(partition, begin);
    long started = System.nanoTime();
    while (position < end
        && batch.stream().anyMatch(PageRequest::open)
        && mayGoOn(started, position > begin ? TURN : BROKER_TIMEOUT)) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        for (PageRequest request : byKey.getOrDefault(record.key(), List.of())) {
          collect(request, record);
        }
      }
      position = consumer.position(partition, BROKER_TIMEOUT);
    }
    LOG.atDebug()
        .addKeyValue("partition", partition.partition())
        .addKeyValue("requests", batch.size())
        .addKeyValue("from", begin)
        .addKeyValue("to", position)
        .addKeyValue("end", end)
        .addKeyValue("ms", Duration.ofNanos(System.nanoTime() - started).toMillis())
        .log("reply log pass done");
    for (PageRequest request : batch) {
      request.readUpTo(position, position >= end);
    }
  }

  private static long endOf(KafkaConsumer<String, byte[]> consumer, TopicPartition partition) {
    Long end = consumer.endOffsets(List.of(partition), BROKER_TIMEOUT).get(partition);
    if (end == null) {
      throw new IllegalStateException("The broker does not say where " + partition + " ends");
    }
    return end;
  }

  private void collect(PageRequest request, ConsumerRecord<String, byte[]> record) {
    int size = record.serializedValueSize();
    if (request.wants(record.offset(), size)) {
      Reply reply = decoder.deserialize(record.topic(), record.value());
      request.add(new LoggedReply(record.offset(), reply, size));
    }
  }

  private boolean mayGoOn(long started, Duration limit) {
    return !closed && Duration.ofNanos(System.nanoTime() - started).compareTo(limit) < 0;
  }

  private static void findBeginnings(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      List<PageRequest> waiting,
      long end) {
    // Most of those who come back together were accepted in the same second.
    Map<Instant, Long> offsets = new HashMap<>();
    for (PageRequest request : waiting) {
      if (request.beginsAtAcceptance() && request.partition() == partition.partition()) {
        request.beginAt(
            offsets.computeIfAbsent(
                request.id().acceptedAt().truncatedTo(ChronoUnit.SECONDS),
                second -> ReplyOffsets.offset(consumer, partition, second, end, BROKER_TIMEOUT)));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
