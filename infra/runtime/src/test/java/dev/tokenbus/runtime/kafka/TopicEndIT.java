package dev.tokenbus.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class TopicEndIT {
  private static final Backoff SHORT = new Backoff(Duration.ofMillis(20), Duration.ofMillis(200));

  private final FakeRegistry registry = new FakeRegistry();
  private final Watcher seen = new Watcher();
  private final TestTopics topics;
  private final Topic topic;
  private volatile boolean brokerIsAway;
  private TopicFollower<Control> follower;

  TopicEndIT(EmbeddedBroker broker) {
    topics = new TestTopics(broker);
    topic = topics.controls(2);
  }

  @BeforeEach
  void follow() {
    Follow<Control> follow =
        Follow.of(
                "test",
                topic,
                new StartAt.Beginning(),
                registry.newcomer().decoder(Control.class),
                seen)
            .withTick(Duration.ofMillis(50));
    follower = TopicFollower.start(follow, SHORT, this::consumer);
  }

  @AfterEach
  void close() {
    follower.close();
    topics.close();
    registry.close();
  }

  @Test
  void isReachedWhenARecordWasTakenAndAlsoWhenNothingComes() {
    cancel(0, "r1");
    await().until(() -> seen.said.size() == 1);
    seen.forget();
    await().until(() -> seen.atEnd.get() >= 3);

    cancel(1, "r2");
    await().until(() -> seen.said.size() == 2);
    seen.forget();
    await().until(() -> seen.atEnd.get() >= 3);
  }

  @Test
  void isNotReachedWhileTheBrokerIsAway() {
    await().until(() -> seen.atEnd.get() > 0);

    brokerIsAway = true;
    await().until(() -> seen.notAtEnd.get() > 0);
    seen.forget();
    await().until(() -> seen.notAtEnd.get() >= 3);
    assertThat(seen.atEnd).hasValue(0);

    brokerIsAway = false;
    await().until(() -> seen.atEnd.get() > 0);
  }

  @Test
  void isNotReachedWhileARecordWaitsForTheRegistry() {
    await().until(() -> seen.atEnd.get() > 0);

    registry.goAway();
    cancel(0, "r1");
    await().until(() -> seen.notAtEnd.get() > 0);
    seen.forget();
    await().until(() -> seen.notAtEnd.get() >= 3);
    assertThat(seen.atEnd).hasValue(0);

    registry.comeBack();
    await().until(() -> seen.said.equals(List.of("r1")) && seen.atEnd.get() > 0);
  }

  private void cancel(int partition, String key) {
    topics.write(topic, partition, key, Controls.cancel(registry, key));
  }

  private Consumer<String, byte[]> consumer() {
    Map<String, Object> settings = topics.kafka().consumer("test");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer()) {
      @Override
      public Map<TopicPartition, Long> endOffsets(
          Collection<TopicPartition> partitions, Duration timeout) {
        if (brokerIsAway) {
          throw new TimeoutException("nobody answers");
        }
        return super.endOffsets(partitions, timeout);
      }
    };
  }

  private static final class Watcher implements TopicListener<Control> {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final AtomicInteger atEnd = new AtomicInteger();
    private final AtomicInteger notAtEnd = new AtomicInteger();

    private void forget() {
      atEnd.set(0);
      notAtEnd.set(0);
    }

    @Override
    public void take(TopicRecord<Control> record) {
      said.add(record.source().key());
    }

    @Override
    public void tick(TopicEnd end) {
      (end.reached(Duration.ofSeconds(1)) ? atEnd : notAtEnd).incrementAndGet();
    }
  }
}
