package dev.tokenbus.ingress.replies.live;

import dev.tokenbus.ingress.replies.log.LoggedReply;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition of {@code replies} as it grows and hands each waiting request its records.
 * One thread owns the one consumer. It decodes only records of requests that wait here, hands over
 * a poll's records per request in one step, and never waits for a request.
 *
 * <p>Thread-safe.
 */
public final class ReplyBridge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyBridge.class);

  /** The longest poll, and so the precision of a reader's timed wait. */
  private static final Duration TICK = Duration.ofMillis(50);

  private static final Duration PAUSE_AFTER_ERROR = Duration.ofSeconds(1);
  private static final int MAX_POLL_RECORDS = 4_000;

  private final KafkaConsumer<String, byte[]> consumer;
  private final Deserializer<Reply> decoder;
  private final TopicPartition partition;
  private final Map<String, List<LiveReplyQueue>> queues = new ConcurrentHashMap<>();
  private final List<LiveReplyQueue> touched = new ArrayList<>();
  private final Thread thread;
  private final Metric responses;
  private volatile boolean positioned;
  private volatile boolean closed;
  private volatile @Nullable RuntimeException refusal;

  /** The records from this offset on have not been handed out yet. */
  private volatile long polledUpTo;

  private volatile long respondedAt = System.nanoTime();
  private double responsesSeen;

  private ReplyBridge(
      KafkaConsumer<String, byte[]> consumer, Deserializer<Reply> decoder, int partition) {
    this.consumer = consumer;
    this.decoder = decoder;
    this.partition = new TopicPartition(Topics.REPLIES.name(), partition);
    responses = metric(consumer.metrics().values());
    thread = Thread.ofPlatform().name("reply-bridge").unstarted(this::run);
  }

  /**
   * Starts reading at the end of a partition; {@link #positioned()} tells when that is done.
   *
   * @param settings the settings of a consumer, without deserializers
   */
  public static ReplyBridge start(
      Map<String, Object> settings, Deserializer<Reply> decoder, int partition) {
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    ReplyBridge bridge =
        new ReplyBridge(
            new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer()),
            decoder,
            partition);
    bridge.thread.start();
    return bridge;
  }

  public int partition() {
    return partition.partition();
  }

  /** An offset that is not behind any record that will be handed out from now on. */
  public long position() {
    return polledUpTo;
  }

  /** Whether the bridge sees every record from now on. */
  public boolean positioned() {
    return positioned;
  }

  /** How long ago the broker last responded; less than a second while it is up. */
  public Duration silence() {
    return Duration.ofNanos(System.nanoTime() - respondedAt);
  }

  /**
   * Fails every present and future reader with the exception, behind the records it already has.
   */
  public void failAll(RuntimeException reason) {
    refusal = reason;
    queues.values().forEach(readers -> readers.forEach(queue -> queue.fail(reason)));
  }

  /** Adds a reader of a request, which may have several; it gets the records read from now on. */
  public void add(LiveReplyQueue queue) {
    queues.merge(queue.requestId(), List.of(queue), ReplyBridge::joined);
    RuntimeException reason = refusal;
    if (reason != null) {
      queue.fail(reason);
    }
  }

  /**
   * Opens a queue that has been closed so far.
   *
   * @return the offset from which on the queue gets every record, while earlier ones are to be read
   *     from the log; negative if the bridge is not positioned yet, and then the queue stays closed
   */
  public long join(LiveReplyQueue queue) {
    if (!positioned) {
      return -1;
    }
    queue.reopen();
    return polledUpTo;
  }

  public void remove(LiveReplyQueue queue) {
    queues.computeIfPresent(
        queue.requestId(),
        (id, readers) -> {
          List<LiveReplyQueue> left = readers.stream().filter(other -> other != queue).toList();
          return left.isEmpty() ? null : left;
        });
  }

  private static List<LiveReplyQueue> joined(List<LiveReplyQueue> some, List<LiveReplyQueue> more) {
    List<LiveReplyQueue> all = new ArrayList<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  private void run() {
    try (consumer) {
      consumer.assign(List.of(partition));
      while (!closed) {
        try {
          step();
        } catch (WakeupException e) {
          LOG.atDebug().log("reply bridge woken to close");
        } catch (InterruptException e) {
          throw e;
        } catch (RuntimeException e) {
          LOG.atError().setCause(e).log("reading replies failed");
          pause();
        }
        watchBroker();
        tick();
      }
    }
  }

  private void step() {
    if (!positioned) {
      consumer.seekToEnd(List.of(partition));
      polledUpTo = consumer.position(partition);
      positioned = true;
      LOG.atInfo()
          .addKeyValue("partition", partition.partition())
          .addKeyValue("offset", polledUpTo)
          .log("reply bridge positioned");
    }
    ConsumerRecords<String, byte[]> polled = consumer.poll(TICK);
    if (polled.isEmpty()) {
      return;
    }
    List<ConsumerRecord<String, byte[]>> records = polled.records(partition);
    // Set before the hand-over, so that a queue that joins in between reads these from the log.
    polledUpTo = records.getLast().offset() + 1;
    for (ConsumerRecord<String, byte[]> record : records) {
      List<LiveReplyQueue> readers = record.key() == null ? null : queues.get(record.key());
      if (readers != null) {
        stage(readers, record);
      }
    }
    touched.forEach(LiveReplyQueue::publish);
    touched.clear();
  }

  private void stage(List<LiveReplyQueue> readers, ConsumerRecord<String, byte[]> record) {
    try {
      Reply reply = decoder.deserialize(record.topic(), record.value());
      LoggedReply logged = new LoggedReply(record.offset(), reply, record.serializedValueSize());
      for (LiveReplyQueue queue : readers) {
        if (queue.stage(logged)) {
          touched.add(queue);
        }
      }
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("request_id", record.key())
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("decoding a reply failed");
      IllegalStateException reason =
          new IllegalStateException("A reply of the request cannot be decoded", e);
      readers.forEach(queue -> queue.fail(reason));
    }
  }

  private void tick() {
    long now = System.nanoTime();
    for (List<LiveReplyQueue> readers : queues.values()) {
      for (LiveReplyQueue queue : readers) {
        queue.tick(now);
      }
    }
  }

  /**
   * The broker responds to a fetch at least every half second, even when there is nothing to fetch.
   */
  private void watchBroker() {
    double seen = (double) responses.metricValue();
    if (seen > responsesSeen) {
      responsesSeen = seen;
      respondedAt = System.nanoTime();
    }
  }

  private void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(PAUSE_AFTER_ERROR.toNanos());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static Metric metric(Collection<? extends Metric> metrics) {
    return metrics.stream()
        .filter(metric -> metric.metricName().group().equals("consumer-metrics"))
        .filter(metric -> metric.metricName().name().equals("response-total"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("The consumer has no metric response-total"));
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
