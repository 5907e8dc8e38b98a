package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.streams.InstanceDirectory;
import dev.tokenbus.router.streams.StreamsSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.SplittableRandom;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance of the release before that is started where one of this release has run. */
class PredecessorBarIT {
  private static final String EAST = Topics.work("east", Priority.INTERACTIVE).name();

  private final SplittableRandom random = new SplittableRandom(41);
  private final List<String> processedByTheOld = Collections.synchronizedList(new ArrayList<>());
  @TempDir private Path state;
  private Backbone backbone;
  private InstanceDirectory directory;

  @BeforeEach
  void start() throws Exception {
    backbone = Backbone.start(state.resolve("test"));
    directory = InstanceDirectory.claim(state.resolve("old"));
  }

  @AfterEach
  void stop() {
    directory.close();
    backbone.close();
  }

  @Test
  void standsByWhileAnOldInstanceRunsAndLetsNoneInAfterwards() throws Exception {
    RequestId first = accept();
    try (KafkaStreams old = old()) {
      await().atMost(Duration.ofSeconds(60)).until(() -> processedByTheOld.size() == 1);
      try (RouterApp router = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
        await().during(Duration.ofSeconds(3)).until(() -> !router.ready());

        old.close(Duration.ofSeconds(20));

        await().atMost(Duration.ofSeconds(60)).until(router::ready);
        assertRefused();
        RequestId second = accept();
        TopicReader<AttemptDispatched> work = backbone.read(EAST, AttemptDispatched.class);
        work.until(all -> !all.isEmpty());
        work.poll(Duration.ofSeconds(1));
        assertThat(work.values())
            .extracting(AttemptDispatched::getRequestId)
            .containsExactly(second.toString())
            .doesNotContain(first.toString());
      }
    }
  }

  @Test
  void letsNoneInWhereNoneHasEverRunAndNoRouterRunsAnyMore() throws Exception {
    try (RouterApp router = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
      await().atMost(Duration.ofSeconds(60)).until(router::ready);
    }
    accept();

    assertRefused();

    try (RouterApp router = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
      await().atMost(Duration.ofSeconds(60)).until(router::ready);
    }
  }

  private void assertRefused() {
    int before = processedByTheOld.size();
    try (KafkaStreams again = old()) {
      await()
          .during(Duration.ofSeconds(5))
          .atMost(Duration.ofSeconds(20))
          .until(() -> again.state() != KafkaStreams.State.RUNNING);
      assertThat(processedByTheOld).hasSize(before);
    }
  }

  /** Takes part in the group of 0.1.0, by the same protocol, and reads requests. */
  private KafkaStreams old() {
    Topology topology =
        new Topology()
            .addSource(
                "requests",
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                Topics.REQUESTS.name())
            .addProcessor("note", Note::new, "requests");
    Properties properties =
        StreamsSettings.common(backbone.context.kafka(), RouterApp.PREDECESSOR, directory);
    KafkaStreams streams = new KafkaStreams(topology, properties);
    streams.start();
    return streams;
  }

  private RequestId accept() throws Exception {
    RequestId id = RequestId.of(Instant.now(), random.nextInt(16), random);
    backbone.accept(Samples.request(id, Samples.MODEL, Duration.ofMinutes(5)));
    return id;
  }

  private final class Note extends ContextualProcessor<byte[], byte[], Void, Void> {
    @Override
    public void process(Record<byte[], byte[]> record) {
      processedByTheOld.add("request");
    }
  }
}
