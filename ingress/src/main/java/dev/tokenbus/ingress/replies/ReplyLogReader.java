package dev.tokenbus.ingress.replies;

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
 * Reads requests' records out of the log, a page at a time. A pass over a partition serves every
 * request that waits for a page not far from where it begins, so that a thousand clients who come
 * back at once cost few passes and not a thousand consumers. The order that has waited longest says
 * where the next pass begins, so that nobody waits for ever behind one who reads a long way.
 *
 * <p>One thread owns one consumer, made with the first order.
 */
final class ReplyLogReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyLogReader.class);

  /** How far behind the beginning of a pass an order may begin to take part in it. */
  private static final long COMPANY_OFFSETS = 500_000;

  /**
   * A pass ends after this long, so that others get their turn. It is long enough for a pass over a
   * busy minute: what is cut short begins again where it was cut, and a second pass over the same
   * records for those who came meanwhile costs more than their wait.
   */
  private static final Duration TURN = Duration.ofSeconds(2);

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, Object> settings;
  private final Deserializer<Reply> decoder;
  private final BlockingQueue<PageOrder> orders = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * A reader whose thread has started.
   *
   * @param settings of a consumer, without deserializers
   */
  ReplyLogReader(String name, Map<String, Object> settings, Deserializer<Reply> decoder) {
    this.settings = settings;
    this.decoder = decoder;
    thread = Thread.ofPlatform().name(name).start(this::run);
  }

  /** Takes an order, to be served after those that were taken before, or together with them. */
  void take(PageOrder order) {
    orders.add(order);
  }

  private void run() {
    List<PageOrder> waiting = new ArrayList<>();
    try {
      waiting.add(orders.take());
      try (KafkaConsumer<String, byte[]> consumer =
          new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
        while (!closed) {
          orders.drainTo(waiting);
          if (waiting.isEmpty()) {
            waiting.add(orders.take());
          } else {
            serveFirst(consumer, waiting);
          }
        }
      }
    } catch (InterruptedException | InterruptException e) {
      LOG.atDebug().log("reply log reader closed");
    } finally {
      orders.drainTo(waiting);
      waiting.forEach(order -> order.fail(new IllegalStateException("The reply log is closed")));
    }
  }

  /** Serves the first order and its company, and takes them out of those that wait. */
  private void serveFirst(KafkaConsumer<String, byte[]> consumer, List<PageOrder> waiting) {
    TopicPartition partition =
        new TopicPartition(Topics.REPLIES.name(), waiting.getFirst().partition());
    List<PageOrder> company = new ArrayList<>(List.of(waiting.getFirst()));
    try {
      consumer.assign(List.of(partition));
      long end = endOf(consumer, partition);
      findBeginnings(consumer, partition, waiting, end);
      company = company(waiting);
      pass(consumer, partition, company, end);
    } catch (InterruptException e) {
      // Closed: the interrupt is still set and ends the loop.
      company.forEach(order -> order.fail(e));
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("partition", partition.partition())
          .setCause(e)
          .log("reply log cannot be read");
      company.forEach(order -> order.fail(e));
    }
    waiting.removeAll(new HashSet<>(company));
  }

  private static List<PageOrder> company(List<PageOrder> waiting) {
    PageOrder first = waiting.getFirst();
    return waiting.stream()
        .filter(order -> order.partition() == first.partition())
        .filter(
            order -> order.from() >= first.from() && order.from() - first.from() <= COMPANY_OFFSETS)
        .toList();
  }

  private void pass(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      List<PageOrder> company,
      long end) {
    Map<String, List<PageOrder>> byKey = new HashMap<>();
    company.forEach(
        order -> byKey.computeIfAbsent(order.key(), key -> new ArrayList<>(1)).add(order));
    long begin = company.getFirst().from();
    long position = begin;
    consumer.seek(partition, begin);
    long started = System.nanoTime();
    while (position < end
        && company.stream().anyMatch(PageOrder::open)
        && mayGoOn(started, position > begin ? TURN : PATIENCE)) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        for (PageOrder order : byKey.getOrDefault(record.key(), List.of())) {
          collect(order, record);
        }
      }
      position = consumer.position(partition, PATIENCE);
    }
    LOG.atDebug()
        .addKeyValue("partition", partition.partition())
        .addKeyValue("requests", company.size())
        .addKeyValue("from", begin)
        .addKeyValue("to", position)
        .addKeyValue("end", end)
        .addKeyValue("ms", Duration.ofNanos(System.nanoTime() - started).toMillis())
        .log("pass over the reply log");
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

  private boolean mayGoOn(long started, Duration limit) {
    return !closed && Duration.ofNanos(System.nanoTime() - started).compareTo(limit) < 0;
  }

  private static void findBeginnings(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      List<PageOrder> waiting,
      long end) {
    // Those who come back together came together: most share their second.
    Map<Instant, Long> offsets = new HashMap<>();
    for (PageOrder order : waiting) {
      if (order.beginsAtAcceptance() && order.partition() == partition.partition()) {
        order.beginAt(
            offsets.computeIfAbsent(
                order.id().acceptedAt().truncatedTo(ChronoUnit.SECONDS),
                second -> ReplyOffsets.offset(consumer, partition, second, end, PATIENCE)));
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
