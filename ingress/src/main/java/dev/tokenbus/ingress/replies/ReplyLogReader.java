package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.Beginnings;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
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
 * Reads requests' records out of the log, a page at a time. A pass over a partition serves every
 * request that waits for a page of it, so that a thousand clients who come back at once cost few
 * passes and not a thousand consumers.
 *
 * <p>One thread owns one consumer, made with the first order.
 */
final class ReplyLogReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyLogReader.class);

  /** A pass ends after this long, once it has got anywhere, so that others get their turn. */
  private static final Duration PASS = Duration.ofMillis(100);

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, Object> settings;
  private final Deserializer<Reply> decoder;
  private final BlockingQueue<PageOrder> orders;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * A reader whose thread has started.
   *
   * @param settings of a consumer, without deserializers
   * @param orders shared by all readers
   */
  ReplyLogReader(
      String name,
      Map<String, Object> settings,
      Deserializer<Reply> decoder,
      BlockingQueue<PageOrder> orders) {
    this.settings = settings;
    this.decoder = decoder;
    this.orders = orders;
    thread = Thread.ofPlatform().name(name).start(this::run);
  }

  private void run() {
    try {
      PageOrder first = orders.take();
      try (KafkaConsumer<String, byte[]> consumer =
          new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
        while (!closed) {
          serve(consumer, company(first));
          first = orders.take();
        }
      }
    } catch (InterruptedException e) {
      LOG.atDebug().log("reply log reader closed");
    }
  }

  /** The order, and all others that wait for the same partition. */
  private List<PageOrder> company(PageOrder first) {
    List<PageOrder> waiting = new ArrayList<>();
    orders.drainTo(waiting);
    List<PageOrder> company = new ArrayList<>();
    company.add(first);
    for (PageOrder order : waiting) {
      (order.partition() == first.partition() ? company : orders).add(order);
    }
    return company;
  }

  private void serve(KafkaConsumer<String, byte[]> consumer, List<PageOrder> company) {
    try {
      pass(consumer, company);
    } catch (InterruptException e) {
      // Closed: the interrupt is still set and ends the loop.
      company.forEach(order -> order.fail(e));
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("partition", company.getFirst().partition())
          .setCause(e)
          .log("reply log cannot be read");
      company.forEach(order -> order.fail(e));
    }
  }

  private void pass(KafkaConsumer<String, byte[]> consumer, List<PageOrder> company) {
    TopicPartition partition =
        new TopicPartition(Topics.REPLIES.name(), company.getFirst().partition());
    consumer.assign(List.of(partition));
    long end = endOf(consumer, partition);
    findBeginnings(consumer, partition, company, end);
    Map<String, List<PageOrder>> byKey = new HashMap<>();
    company.forEach(
        order -> byKey.computeIfAbsent(order.key(), key -> new ArrayList<>(1)).add(order));
    long begin = company.stream().mapToLong(PageOrder::from).min().orElse(end);
    long position = begin;
    consumer.seek(partition, begin);
    long started = System.nanoTime();
    while (position < end
        && company.stream().anyMatch(PageOrder::open)
        && mayGoOn(started, position > begin)) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        for (PageOrder order : byKey.getOrDefault(record.key(), List.of())) {
          collect(order, record);
        }
      }
      position = consumer.position(partition, PATIENCE);
    }
    for (PageOrder order : company) {
      order.readUpTo(position, position >= end);
    }
  }

  private static long endOf(KafkaConsumer<String, byte[]> consumer, TopicPartition partition) {
    Long end = consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
    if (end == null) {
      throw new IllegalStateException("The broker does not say where " + partition + " ends");
    }
    return end;
  }

  private void collect(PageOrder order, ConsumerRecord<String, byte[]> record) {
    int size = record.serializedValueSize();
    if (order.wants(record.offset(), size)) {
      Reply reply = decoder.deserialize(record.topic(), record.value());
      order.add(new LoggedReply(record.offset(), reply, size));
    }
  }

  private boolean mayGoOn(long started, boolean gotAnywhere) {
    Duration taken = Duration.ofNanos(System.nanoTime() - started);
    return !closed && taken.compareTo(gotAnywhere ? PASS : PATIENCE) < 0;
  }

  private static void findBeginnings(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      List<PageOrder> company,
      long end) {
    // Those who come back together came together: most share their second.
    Map<Instant, Long> offsets = new HashMap<>();
    for (PageOrder order : company) {
      if (order.beginsAtAcceptance()) {
        order.beginAt(
            offsets.computeIfAbsent(
                order.id().acceptedAt().truncatedTo(ChronoUnit.SECONDS),
                second -> Beginnings.offset(consumer, partition, second, end, PATIENCE)));
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
