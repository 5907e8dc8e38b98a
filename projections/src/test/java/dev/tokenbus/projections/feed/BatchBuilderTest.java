package dev.tokenbus.projections.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.store.Batch;
import dev.tokenbus.projections.store.Refused;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.serde.Decoded;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.SchemaRegistryException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchBuilderTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private record Named(String id, String name) {}

  @Test
  void keepsRowsInTheOrderOfTheLogUnderTheirKeys() {
    RequestId early = Samples.id(NOW);
    RequestId late = Samples.id(NOW.plusMillis(1));
    List<ConsumerRecord<byte[], Decoded<Named>>> records =
        List.of(
            record(0, 4, value(late, "late")),
            record(1, 9, value(early, "first")),
            record(1, 12, value(early, "second")));

    Batch<RequestId, Named> batch = build(records);

    assertThat(batch.rows())
        .extracting(row -> row.value().name())
        .containsExactly("late", "first", "second");
    assertThat(batch.rows()).extracting(Sourced::key).containsExactly(late, early, early);
    assertThat(batch.next())
        .isEqualTo(Map.of(new TopicPartition("t", 0), 5L, new TopicPartition("t", 1), 13L));
  }

  @Test
  void takesKeysOfAnyKind() {
    Batch<Integer, Named> batch =
        new BatchBuilder<Integer, Named>(named -> Integer.valueOf(named.name()))
            .build(
                List.of(
                    record(0, 1, value(Samples.id(NOW), "17")),
                    record(0, 2, value(Samples.id(NOW), "no number"))));

    assertThat(batch.rows()).extracting(Sourced::key).containsExactly(17);
    assertThat(batch.refused()).extracting(Refused::offset).containsExactly(2L);
  }

  @Test
  void refusesWhatCannotBeReadTombstonesAndIdsThatTellNoTime() {
    List<ConsumerRecord<byte[], Decoded<Named>>> records = new ArrayList<>();
    records.add(
        record(0, 1, new Decoded.Undecodable<>(new SerializationException("garbage"), null)));
    records.add(record(0, 2, null));
    records.add(record(0, 3, value(Samples.id(NOW), "good")));
    records.add(
        record(0, 4, new Decoded.Value<>(new Named("f47ac10b-58cc-4372-a567-0e02b2c3d479", "v4"))));

    Batch<RequestId, Named> batch = build(records);

    assertThat(batch.rows()).hasSize(1);
    assertThat(batch.refused()).extracting(Refused::offset).containsExactly(1L, 2L, 4L);
    assertThat(batch.refused().get(1).reason()).hasMessageContaining("no value");
    assertThat(batch.next()).containsEntry(new TopicPartition("t", 0), 5L);
  }

  @Test
  void buildsNothingWhileTheRegistryIsDown() {
    SchemaRegistryException away = away();

    assertThatThrownBy(() ->
            build(
                List.of(
                    record(0, 1, value(Samples.id(NOW), "good")),
                    record(0, 2, new Decoded.RegistryDown<>(away)))))
        .isSameAs(away);
  }

  private static Batch<RequestId, Named> build(
      List<ConsumerRecord<byte[], Decoded<Named>>> records) {
    return new BatchBuilder<RequestId, Named>(named -> RequestId.parse(named.id())).build(records);
  }

  private static SchemaRegistryException away() {
    try (SchemaRegistry nobody = new SchemaRegistry(URI.create("http://127.0.0.1:1"))) {
      return catchThrowableOfType(SchemaRegistryException.class, () -> nobody.byId(1));
    }
  }

  private static Decoded<Named> value(RequestId id, String name) {
    return new Decoded.Value<>(new Named(id.toString(), name));
  }

  @SuppressWarnings("NullAway") // a tombstone
  private static ConsumerRecord<byte[], Decoded<Named>> record(
      int partition, long offset, @Nullable Decoded<Named> value) {
    return new ConsumerRecord<>("t", partition, offset, new byte[0], value);
  }
}
