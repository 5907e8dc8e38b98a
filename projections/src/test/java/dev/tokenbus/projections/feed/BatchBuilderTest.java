package dev.tokenbus.projections.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.store.Batch;
import dev.tokenbus.projections.store.Refused;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchBuilderTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  @Test
  void takesRowsInOneOrderButRepeatsInTheOrderOfTheLog() {
    RequestId early = Samples.id(NOW);
    RequestId late = Samples.id(NOW.plusMillis(1));
    List<ConsumerRecord<byte[], DecodeResult<String>>> records =
        List.of(
            record(0, 4, new DecodeResult.Decoded<>(late, "late")),
            record(1, 9, new DecodeResult.Decoded<>(early, "first")),
            record(1, 12, new DecodeResult.Decoded<>(early, "second")));

    Batch<String> batch = BatchBuilder.of(records);

    assertThat(batch.rows()).extracting(Sourced::value).containsExactly("first", "second", "late");
    assertThat(batch.next())
        .isEqualTo(Map.of(new TopicPartition("t", 0), 5L, new TopicPartition("t", 1), 13L));
    assertThat(batch.rows())
        .extracting(row -> row.id().acceptedAt())
        .containsExactly(NOW, NOW, NOW.plusMillis(1));
  }

  @Test
  void putsAsideWhatCannotBeReadAndTombstones() {
    List<ConsumerRecord<byte[], DecodeResult<String>>> records = new ArrayList<>();
    records.add(record(0, 1, new DecodeResult.Undecodable<>(new IllegalStateException("garbage"))));
    records.add(record(0, 2, null));
    records.add(record(0, 3, new DecodeResult.Decoded<>(Samples.id(NOW), "good")));

    Batch<String> batch = BatchBuilder.of(records);

    assertThat(batch.rows()).hasSize(1);
    assertThat(batch.refused()).extracting(Refused::offset).containsExactly(1L, 2L);
    assertThat(batch.refused().getLast().reason()).hasMessageContaining("no value");
    assertThat(batch.next()).containsEntry(new TopicPartition("t", 0), 4L);
  }

  @Test
  void canNotBeJudgedWhileOneRecordCannot() {
    IllegalStateException away = new IllegalStateException("registry is away");

    assertThatThrownBy(
            () -> BatchBuilder.of(List.of(record(0, 1, new DecodeResult.RegistryDown<>(away)))))
        .isSameAs(away);
  }

  @SuppressWarnings("NullAway") // a tombstone
  private static ConsumerRecord<byte[], DecodeResult<String>> record(
      int partition, long offset, @Nullable DecodeResult<String> value) {
    return new ConsumerRecord<>("t", partition, offset, new byte[0], value);
  }
}
