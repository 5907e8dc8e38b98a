package dev.tokenbus.ingress.replies.live;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.PollLoop;
import dev.tokenbus.runtime.kafka.PollTask;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition of {@code replies} as it grows and hands each waiting request its records.
 * One thread owns the one consumer. It decodes only records of requests that wait here, hands over
 * a poll's records per request in one step, and never waits for a request. While the schema
 * registry is away, it waits for it with the record that it cannot decode yet, and skips nothing.
 *
 * <p>Thread-safe.
 */
public final class ReplyBridge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyBridge.class);

  /** The longest poll, and so the precision of a reader's timed wait. */
  private static final Duration TICK = Duration.ofMillis(50);

  private static final Duration BROKER_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_POLL_RECORDS = 4_000;

  private final RecordDecoder<Reply> decoder;
  private final TopicPartition partition;
  private final Map<String, List<LiveReplyQueue>> queues = new ConcurrentHashMap<>();

  /** Confined to the loop's thread. */
  private final List<LiveReplyQueue> touched = new ArrayList<>();

  private final PollLoop loop;
  private volatile boolean positioned;
  private volatile @Nullable RuntimeException refusal;

  /** The records from this offset on have not been handed out yet. */
  private volatile long polledUpTo;

  private ReplyBridge(Map<String, Object> settings, RecordDecoder<Reply> decoder, int partition) {
    this.decoder = decoder;
    this.partition = new TopicPartition(Topics.REPLIES.name(), partition);
    loop = PollLoop.start("reply-bridge", TICK, () -> KafkaSettings.open(settings), new Task());
  }

  /**
   * Starts reading at the end of a partition; {@link #positioned()} tells when that is done.
   *
   * @param settings the settings of a consumer, without deserializers
   */
  public static ReplyBridge start(
      Map<String, Object> settings, RecordDecoder<Reply> decoder, int partition) {
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    return new ReplyBridge(settings, decoder, partition);
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

  /** Whether the bridge keeps up: it waits neither for the broker nor for the schema registry. */
  public boolean following() {
    return positioned && loop.ready();
  }

  /** How long ago the broker last responded; less than a second while it is up. */
  public Duration silence() {
    return loop.silence();
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

  @Override
  public void close() {
    loop.close();
  }

  private final class Task implements PollTask {
    @Override
    public Map<TopicPartition, Long> begin(Consumer<String, byte[]> consumer) {
      Map<TopicPartition, Long> end =
          new StartAt.End().offsets(consumer, List.of(partition), BROKER_TIMEOUT);
      polledUpTo = end.getOrDefault(partition, 0L);
      positioned = true;
      LOG.atInfo()
          .addKeyValue("partition", partition.partition())
          .addKeyValue("offset", polledUpTo)
          .log("reply bridge positioned");
      return end;
    }

    @Override
    public void take(ConsumerRecord<String, byte[]> record) {
      // Set before the readers are looked up, so that a queue that joins in between reads the
      // record from the log.
      polledUpTo = Math.max(polledUpTo, record.offset() + 1);
      List<LiveReplyQueue> readers = record.key() == null ? null : queues.get(record.key());
      if (readers != null) {
        LoggedReply.of(TopicRecord.of(record, decoder)).ifPresent(reply -> stage(readers, reply));
      }
    }

    private void stage(List<LiveReplyQueue> readers, LoggedReply reply) {
      if (reply instanceof LoggedReply.Unreadable unreadable) {
        LOG.atError()
            .addKeyValue("partition", partition.partition())
            .addKeyValue("offset", unreadable.offset())
            .setCause(unreadable.reason())
            .log("decoding a reply failed");
      }
      for (LiveReplyQueue queue : readers) {
        if (queue.stage(reply)) {
          touched.add(queue);
        }
      }
    }

    @Override
    public void polled(Consumer<String, byte[]> consumer) {
      touched.forEach(LiveReplyQueue::publish);
      touched.clear();
      long now = System.nanoTime();
      for (List<LiveReplyQueue> readers : queues.values()) {
        for (LiveReplyQueue queue : readers) {
          queue.tick(now);
        }
      }
    }
  }
}
