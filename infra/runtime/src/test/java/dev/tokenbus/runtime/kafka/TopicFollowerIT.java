package dev.tokenbus.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.serde.HeaderSchema;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class TopicFollowerIT {
  private static final Backoff SHORT = new Backoff(Duration.ofMillis(20), Duration.ofMillis(200));

  private final FakeRegistry registry = new FakeRegistry();
  private final Recorder seen = new Recorder();
  private final AtomicInteger consumersMade = new AtomicInteger();
  private final TestTopics topics;
  private final Topic topic;
  private volatile boolean consumerFails;
  private @Nullable TopicFollower<Control> follower;

  TopicFollowerIT(EmbeddedBroker broker) {
    topics = new TestTopics(broker);
    topic = topics.controls(2);
  }

  @AfterEach
  void close() {
    if (follower != null) {
      follower.close();
    }
    topics.close();
    registry.close();
  }

  @Test
  void waitsForARegistryThatIsAwayAndSkipsNothing() {
    registry.goAway();
    cancel(0, "r1");
    cancel(0, "r2");
    TopicFollower<Control> following = follow(new StartAt.Beginning());

    await().during(Duration.ofMillis(500)).until(() -> seen.said.isEmpty() && !following.ready());

    registry.comeBack();
    await().until(() -> seen.said.equals(List.of("r1", "r2")));
    await().until(following::ready);
  }

  @Test
  void isNotReadyWhileTheRegistryIsAwayForARecordThatComesLater() {
    TopicFollower<Control> following = follow(new StartAt.Beginning());
    await().until(following::ready);

    registry.goAway();
    cancel(0, "r1");
    await().until(() -> !following.ready());

    registry.comeBack();
    await().until(following::ready);
    assertThat(seen.said).containsExactly("r1");
  }

  @Test
  void aPartitionThatWaitsDoesNotHoldUpAnother() {
    seen.failuresOf("poison", Integer.MAX_VALUE);
    cancel(0, "poison");
    cancel(0, "r1");
    cancel(1, "r2");
    TopicFollower<Control> following = follow(new StartAt.Beginning());

    await().until(() -> seen.said.equals(List.of("r2")));
    assertThat(following.ready()).isFalse();
  }

  @Test
  void handsOverAgainWhatItsListenerCouldNotTake() {
    seen.failuresOf("r1", 3);
    cancel(0, "r1");
    cancel(0, "r2");
    TopicFollower<Control> following = follow(new StartAt.Beginning());

    await().until(() -> seen.said.equals(List.of("r1", "r2")));
    await().until(following::ready);
  }

  @Test
  void goesOnAfterAnError() {
    seen.errorsOf("r1", 2);
    cancel(0, "r1");
    cancel(0, "r2");
    TopicFollower<Control> following = follow(new StartAt.Beginning());

    await().until(() -> seen.said.equals(List.of("r1", "r2")));
    await().until(following::ready);
    assertThat(consumersMade).hasValue(3);
  }

  @Test
  void handsOverTheHeaderOfWhatOnlyANewerVersionCanRead() {
    topics.write(topic, 0, "r1", Controls.pause(registry, "r1"));
    topics.write(topic, 0, "r2", Controls.foreign());
    topics.write(topic, 0, "r3", null);
    cancel(0, "r4");
    follow(new StartAt.Beginning());

    await().until(() -> seen.said.equals(List.of("header of r1", "nothing of r2", "no r3", "r4")));
  }

  @Test
  void goesOnWithANewConsumerWhereTheOneThatFailedHadStopped() {
    TopicFollower<Control> following = follow(new StartAt.Beginning());
    cancel(0, "r1");
    await().until(() -> seen.said.equals(List.of("r1")));

    consumerFails = true;
    await().until(() -> !following.ready());
    cancel(0, "r2");
    cancel(1, "r3");
    consumerFails = false;

    await().until(() -> seen.said.size() >= 3);
    assertThat(seen.said).containsExactlyInAnyOrder("r1", "r2", "r3");
    await().until(following::ready);
    assertThat(consumersMade.get()).isGreaterThan(1);
  }

  @Test
  void anEmptyTopicIsReadAtOnce() {
    TopicFollower<Control> following = follow(new StartAt.Beginning());

    await().atMost(Duration.ofSeconds(5)).until(following::ready);
    assertThat(seen.ends).hasValue(1);
  }

  @Test
  void fromTheEndItSeesWhatComesAndNothingThatWas() {
    cancel(0, "old");
    TopicFollower<Control> following = follow(new StartAt.End());
    await().until(following::ready);

    cancel(0, "new");

    await().until(() -> seen.said.equals(List.of("new")));
  }

  @Test
  void doesNotDecodeWhatNobodyWants() {
    registry.goAway();
    topics.write(topic, 0, "unwanted", Controls.cancel(registry, "r1"));
    TopicFollower<Control> following = follow(new StartAt.Beginning());

    await().until(following::ready);
    assertThat(seen.said).isEmpty();
  }

  @Test
  void tellsWhenEverythingThatStandsThereHasBeenTaken() {
    for (int i = 0; i < 1_500; i++) {
      cancel(0, "r" + i);
    }
    TopicFollower<Control> following = follow(new StartAt.Beginning());
    await().until(following::ready);
    assertThat(seen.said).hasSize(1_500);
    assertThat(seen.ends).hasValue(1);

    cancel(1, "more");
    await().until(() -> seen.ends.get() == 2);
    assertThat(seen.said).hasSize(1_501);
  }

  private void cancel(int partition, String key) {
    topics.write(topic, partition, key, Controls.cancel(registry, key));
  }

  private TopicFollower<Control> follow(StartAt start) {
    RecordDecoder<Control> decoder =
        registry
            .newcomer()
            .decoder(Control.class)
            .withHeader(HeaderSchema.without(Controls.TODAY, "command"));
    Follow<Control> follow =
        Follow.of("test", topic, start, decoder, seen).withTick(Duration.ofMillis(50));
    TopicFollower<Control> started = TopicFollower.start(follow, SHORT, this::consumer);
    follower = started;
    return started;
  }

  private Consumer<String, byte[]> consumer() {
    consumersMade.incrementAndGet();
    Map<String, Object> settings = topics.kafka().consumer("test");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer()) {
      @Override
      public ConsumerRecords<String, byte[]> poll(Duration timeout) {
        if (consumerFails) {
          throw new KafkaException("not authorised at present");
        }
        return super.poll(timeout);
      }
    };
  }

  private static final class Recorder implements TopicListener<Control> {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private volatile String failing = "";

    private void errorsOf(String key, int times) {
      failing = key;
      errors.set(times);
    }

    private void failuresOf(String key, int times) {
      failing = key;
      failures.set(times);
    }

    @Override
    public boolean wants(@Nullable String key) {
      return !"unwanted".equals(key);
    }

    @Override
    public void take(TopicRecord<Control> record) {
      String key = String.valueOf(record.source().key());
      if (failing.equals(key) && failures.getAndDecrement() > 0) {
        throw new IllegalStateException("cannot take it now");
      }
      if (failing.equals(key) && errors.getAndDecrement() > 0) {
        throw new LinkageError("cannot even be loaded");
      }
      said.add(
          switch (record) {
            case TopicRecord.Present<Control>(_, Control control) -> control.getRequestId();
            case TopicRecord.Tombstone<Control> _ -> "no " + key;
            case TopicRecord.Unreadable<Control> unreadable ->
                unreadable
                    .why()
                    .header(GenericRecord.class)
                    .map(header -> "header of " + header.get("requestId"))
                    .orElse("nothing of " + key);
          });
    }

    @Override
    public void reachedEnd() {
      ends.incrementAndGet();
    }
  }
}
