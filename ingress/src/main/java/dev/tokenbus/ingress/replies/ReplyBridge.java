package dev.tokenbus.ingress.replies;

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
 * One thread owns the one consumer; it decodes only what somebody here waits for, hands over all
 * that a poll brought for a request in one step, and never waits for a request.
 *
 * <p>Thread-safe.
 */
public final class ReplyBridge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyBridge.class);

  /** How long the thread sleeps when nothing comes; also how exactly a reader's wait ends. */
  private static final Duration TICK = Duration.ofMillis(50);

  private static final Duration PAUSE_AFTER_ERROR = Duration.ofSeconds(1);
  private static final int MAX_POLL_RECORDS = 4_000;

  private final KafkaConsumer<String, byte[]> consumer;
  private final Deserializer<Reply> decoder;
  private final TopicPartition partition;
  private final Map<String, List<ReplyStream>> streams = new ConcurrentHashMap<>();
  private final List<ReplyStream> touched = new ArrayList<>();
  private final Thread thread;
  private final Metric responses;
  private volatile boolean positioned;
  private volatile boolean closed;
  private volatile @Nullable RuntimeException refusal;

  /** Everything from this offset on is handed out after it was read here, never before. */
  private volatile long polledUpTo;

  private volatile long answeredAt = System.nanoTime();
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
   * Starts reading at the end of a partition, which takes effect once {@link #positioned()}.
   *
   * @param settings of a consumer, without deserializers
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

  /** Whether every record from now on will be seen here. */
  public boolean positioned() {
    return positioned;
  }

  /** How long ago the broker last answered; while all is well, less than a second. */
  public Duration silence() {
    return Duration.ofNanos(System.nanoTime() - answeredAt);
  }

  /**
   * Lets every reader end with the exception, behind what it has been handed, now and from now on.
   */
  public void failAll(RuntimeException reason) {
    refusal = reason;
    streams.values().forEach(readers -> readers.forEach(stream -> stream.fail(reason)));
  }

  /** Adds a reader of a request, which may have others; it is handed what is read from now on. */
  void add(ReplyStream stream) {
    streams.merge(stream.requestId(), List.of(stream), ReplyBridge::joined);
    RuntimeException reason = refusal;
    if (reason != null) {
      stream.fail(reason);
    }
  }

  /**
   * Lets a stream that takes no part, or no more, take part.
   *
   * @return the offset from which on it misses nothing, while what stands before is to be read from
   *     the log; negative if that cannot be said yet, and then the stream takes no part
   */
  long join(ReplyStream stream) {
    if (!positioned) {
      return -1;
    }
    stream.reopen();
    return polledUpTo;
  }

  void remove(ReplyStream stream) {
    streams.computeIfPresent(
        stream.requestId(),
        (id, readers) -> {
          List<ReplyStream> left = readers.stream().filter(other -> other != stream).toList();
          return left.isEmpty() ? null : left;
        });
  }

  private static List<ReplyStream> joined(List<ReplyStream> some, List<ReplyStream> more) {
    List<ReplyStream> all = new ArrayList<>(some);
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
          LOG.atError().setCause(e).log("reply bridge cannot read");
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
    // Before handing out, so that a stream which joins in between asks the log for these.
    polledUpTo = records.getLast().offset() + 1;
    for (ConsumerRecord<String, byte[]> record : records) {
      List<ReplyStream> readers = record.key() == null ? null : streams.get(record.key());
      if (readers != null) {
        stage(readers, record);
      }
    }
    touched.forEach(ReplyStream::publish);
    touched.clear();
  }

  private void stage(List<ReplyStream> readers, ConsumerRecord<String, byte[]> record) {
    try {
      Reply reply = decoder.deserialize(record.topic(), record.value());
      LoggedReply logged = new LoggedReply(record.offset(), reply, record.serializedValueSize());
      for (ReplyStream stream : readers) {
        if (stream.stage(logged)) {
          touched.add(stream);
        }
      }
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("request_id", record.key())
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("reply cannot be decoded");
      IllegalStateException reason =
          new IllegalStateException("A reply of the request cannot be decoded", e);
      readers.forEach(stream -> stream.fail(reason));
    }
  }

  private void tick() {
    long now = System.nanoTime();
    for (List<ReplyStream> readers : streams.values()) {
      for (ReplyStream stream : readers) {
        stream.tick(now);
      }
    }
  }

  /** A fetch is answered at least every half second, also when there is nothing to fetch. */
  private void watchBroker() {
    double seen = (double) responses.metricValue();
    if (seen > responsesSeen) {
      responsesSeen = seen;
      answeredAt = System.nanoTime();
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
