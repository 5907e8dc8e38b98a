package dev.tokenbus.runtime.requests;

import dev.tokenbus.runtime.kafka.Follow;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicFollower;
import dev.tokenbus.runtime.kafka.TopicListener;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads the replies of earlier requests from their beginning to their last, running or finished,
 * whichever partition they are on. Each has a follower of its own for as long as its answer is
 * awaited: repeats are rare, and live for seconds.
 *
 * <p>Thread-safe.
 */
final class EarlierAnswers implements AutoCloseable {
  /** Writers' clocks may be behind the one that made the id. */
  private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

  private static final Duration TICK = Duration.ofMillis(250);

  private final String name;
  private final KafkaSettings kafka;
  private final RecordDecoder<Reply> decoder;
  private final Set<TopicFollower<Reply>> followers = new HashSet<>();
  private boolean closed;

  EarlierAnswers(String name, KafkaSettings kafka, RecordDecoder<Reply> decoder) {
    this.name = name + "-earlier-replies";
    this.kafka = kafka;
    this.decoder = decoder;
  }

  /** Hands over the records of a request until its answer is no longer awaited. */
  synchronized void follow(RequestId earlier, AwaitedRequest waiting) {
    if (closed) {
      return;
    }
    TopicFollower<Reply> follower =
        TopicFollower.start(
            kafka,
            Follow.of(
                    name,
                    Topics.REPLIES,
                    new StartAt.Since(earlier.acceptedAt().minus(CLOCK_DIFFERENCE)),
                    decoder,
                    new Replies(earlier.toString(), waiting))
                .onPartition(earlier.replyPartition())
                .withTick(TICK));
    followers.add(follower);
    // A follower cannot be closed by its own thread, on which the last reply comes.
    CompletableFuture<Reply> _ =
        waiting.last().whenComplete((_, _) -> Thread.ofVirtual().start(() -> end(follower)));
  }

  private void end(TopicFollower<Reply> follower) {
    follower.close();
    synchronized (this) {
      followers.remove(follower);
    }
  }

  @Override
  public void close() {
    List<TopicFollower<Reply>> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(followers);
    }
    open.forEach(TopicFollower::close);
  }

  private record Replies(String id, AwaitedRequest waiting) implements TopicListener<Reply> {
    @Override
    public boolean wants(@Nullable String key) {
      return id.equals(key);
    }

    @Override
    public void take(TopicRecord<Reply> record) {
      waiting.take(record);
    }
  }
}
