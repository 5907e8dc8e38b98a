package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.RegistryFixture;
import dev.tokenbus.router.cluster.CancelFeed;
import dev.tokenbus.router.inbound.Inbound;
import dev.tokenbus.router.lifecycle.FakeClusterView;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.store.StateKey;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatermarkTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final RequestId ID = Samples.id(5, Samples.START);

  private final KeyValueStore<Bytes, byte[]> store =
      Stores.keyValueStoreBuilder(
              Stores.inMemoryKeyValueStore(RouterTopology.STORE),
              Serdes.Bytes(),
              Serdes.ByteArray())
          .withLoggingDisabled()
          .build();
  private MockProcessorContext<String, SpecificRecord> context;
  private RegistryFixture fixture;
  private SchemaRegistry registry;

  @BeforeEach
  void start() throws IOException {
    context = new MockProcessorContext<>();
    context.setCurrentSystemTimeMs(Samples.START.toEpochMilli());
    store.init(context.getStateStoreContext(), store);
    context.addStateStore(store);
    fixture = RegistryFixture.start();
    registry = fixture.client();
  }

  @AfterEach
  void stop() {
    registry.close();
    fixture.close();
  }

  @Test
  void ignoresARepeatOfARequestThatHasEndedAndWasForgotten() {
    RequestProcessor first = processor();
    accept(first, ID, 7);
    accept(first, Samples.id(6, Samples.START), 8);
    end();
    assertThat(store.get(new StateKey.OfRequest(ID).encoded())).isNull();
    assertThat(ByteBuffer.wrap(store.get(new StateKey.OfWatermark("requests").encoded())).getLong())
        .isEqualTo(9);
    context.resetForwards();

    accept(processor(), ID, 7);

    assertThat(context.forwarded()).isEmpty();
  }

  @Test
  void runsWhatComesBehindTheWatermark() {
    RequestProcessor first = processor();
    accept(first, ID, 7);
    end();
    context.resetForwards();

    accept(processor(), Samples.id(6, Samples.START), 8);

    assertThat(context.forwarded())
        .anyMatch(sent -> sent.record().value() instanceof AttemptDispatched);
  }

  /** As the punctuation does when the time of an ended request is up. */
  private void end() {
    context.setCurrentSystemTimeMs(Samples.START.plus(PATIENCE).toEpochMilli() + 1_000);
    tick();
    context.setCurrentSystemTimeMs(Samples.START.plus(PATIENCE).toEpochMilli() + 3_000);
    tick();
    context.setCurrentSystemTimeMs(
        Samples.START.plus(PATIENCE).plus(Policy.DEFAULT.repeatOutcome()).toEpochMilli() + 4_000);
    tick();
    context.setCurrentSystemTimeMs(Samples.START.toEpochMilli());
  }

  private void tick() {
    context
        .scheduledPunctuators()
        .getLast()
        .getPunctuator()
        .punctuate(context.currentSystemTimeMs());
  }

  private RequestProcessor processor() {
    FakeClusterView cluster = new FakeClusterView();
    TopicSchemas schemas =
        new TopicSchemas(registry).resolve(List.of(Topics.OUTCOMES, Topics.REPLIES));
    RequestProcessor processor =
        new RequestProcessor(
            new RouterParts(
                new RequestLifecycle(Policy.DEFAULT, cluster),
                cluster,
                (request, from, found) -> {},
                new CancelFeed(InstantSource.fixed(Samples.START)),
                new StateCodec(schemas.serde(RequestFinished.class), schemas.serde(Reply.class)),
                () -> 0,
                Duration.ZERO));
    processor.init(context);
    return processor;
  }

  private void accept(RequestProcessor processor, RequestId id, long offset) {
    context.setRecordMetadata(Topics.REQUESTS.name(), 0, offset);
    processor.process(
        new Record<>(
            Samples.TENANT,
            new Inbound.Accepted(Samples.header(Samples.request(id, Samples.MODEL, PATIENCE)), 100),
            Samples.START.toEpochMilli()));
  }
}
