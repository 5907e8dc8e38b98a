package dev.tokenbus.runtime.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a topic, or some of its partitions, without a group: every process sees every record. Its
 * failures are those of a {@link PollLoop}: nothing is skipped, and {@link #ready} says no while it
 * cannot follow. A record that no reader of this version can read is handed over as {@link
 * TopicRecord.Unreadable}.
 *
 * <p>Thread-safe.
 */
public final class TopicFollower<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Follow<T> follow;
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final PollLoop loop;
  private final Map<TopicPartition, Long> firstEnds = new HashMap<>();
  private boolean untold;
  private boolean polledRecords;

  private TopicFollower(
      Follow<T> follow, Backoff backoff, Supplier<Consumer<String, byte[]>> consumers) {
    this.follow = follow;
    loop = new PollLoop(follow.name(), follow.tick(), backoff, consumers, new Task());
  }

  /** Starts to follow and returns at once; {@link #caughtUp} tells when the present is reached. */
  public static <T> TopicFollower<T> start(KafkaSettings kafka, Follow<T> follow) {
    Map<String, Object> settings = kafka.consumer(follow.name());
    settings.putAll(follow.settings());
    return start(follow, Backoff.STANDARD, () -> KafkaSettings.open(settings));
  }

  static <T> TopicFollower<T> start(
      Follow<T> follow, Backoff backoff, Supplier<Consumer<String, byte[]>> consumers) {
    TopicFollower<T> follower = new TopicFollower<>(follow, backoff, consumers);
    follower.loop.start();
    return follower;
  }

  /** Whether the topic has been read to its end once and is being followed now. */
  public boolean ready() {
    return caughtUp.isDone() && loop.ready();
  }

  /**
   * Completes when every record has been taken that stood on the topic when reading began; of a
   * follower that starts at the end, when every record from now on will be seen. Never completes
   * exceptionally.
   */
  public CompletableFuture<Void> caughtUp() {
    return caughtUp.copy();
  }

  /** How long ago the broker last answered; while all is well, less than a second. */
  public Duration silence() {
    return loop.silence();
  }

  @Override
  public void close() {
    loop.close();
  }

  private final class Task implements PollTask {
    @Override
    public Map<TopicPartition, Long> begin(Consumer<String, byte[]> consumer) {
      Set<Integer> wanted = follow.partitions();
      List<TopicPartition> partitions =
          consumer.partitionsFor(follow.topic().name(), LIMIT).stream()
              .filter(info -> wanted.isEmpty() || wanted.contains(info.partition()))
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      if (partitions.isEmpty()) {
        throw new IllegalStateException(
            "Topic " + follow.topic().name() + " has no partitions " + wanted);
      }
      Map<TopicPartition, Long> starts = follow.start().offsets(consumer, partitions, LIMIT);
      firstEnds.putAll(
          follow.start() instanceof StartAt.End ? starts : consumer.endOffsets(partitions, LIMIT));
      return starts;
    }

    @Override
    public void take(ConsumerRecord<String, byte[]> record) {
      polledRecords = true;
      if (follow.listener().wants(record.key())) {
        follow.listener().take(TopicRecord.of(record, follow.decoder()));
        untold = true;
      }
    }

    @Override
    public void polled(Consumer<String, byte[]> consumer) {
      if (caughtUp.isDone()) {
        if (untold && TopicEnd.atEnd(consumer)) {
          follow.listener().reachedEnd();
          untold = false;
        }
      } else if (firstEnds.entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        follow.listener().reachedEnd();
        untold = false;
        caughtUp.complete(null);
        LOG.atDebug().addKeyValue("topic", follow.topic().name()).log("topic is followed");
      }
      follow.listener().tick(new TopicEnd(consumer, polledRecords));
      polledRecords = false;
    }
  }
}
