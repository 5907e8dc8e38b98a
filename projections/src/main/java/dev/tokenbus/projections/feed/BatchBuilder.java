package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.Batch;
import dev.tokenbus.projections.store.Refused;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.serde.Decoded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/** Collects the records of one poll into a batch. Not thread-safe. */
final class BatchBuilder<K, T> {
  private final Function<T, K> key;
  private final List<Sourced<K, T>> rows = new ArrayList<>();
  private final List<Refused> refused = new ArrayList<>();
  private final Map<TopicPartition, Long> next = new HashMap<>();

  /**
   * @param key of a value; throws {@link IllegalArgumentException} where that names none
   */
  BatchBuilder(Function<T, K> key) {
    this.key = key;
  }

  /**
   * Builds the batch; undecodable records are refused.
   *
   * @throws RuntimeException if the registry was down while some record was decoded: nothing is
   *     known of that record, so the batch has to be polled again
   */
  Batch<K, T> build(List<ConsumerRecord<byte[], Decoded<T>>> records) {
    records.forEach(this::add);
    return new Batch<>(rows, refused, next);
  }

  private void add(ConsumerRecord<byte[], Decoded<T>> record) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    switch (record.value()) {
      case null ->
          refuse(
              partition,
              record.offset(),
              new SerializationException("A record of topic " + record.topic() + " has no value"));
      case Decoded.Value<T>(T value) -> add(partition, record.offset(), value);
      case Decoded.Undecodable<T> undecodable ->
          refuse(partition, record.offset(), undecodable.reason());
      case Decoded.RegistryDown<T> down -> throw down.cause();
    }
    next.merge(partition, record.offset() + 1, Math::max);
  }

  private void add(TopicPartition partition, long offset, T value) {
    K name;
    try {
      name = key.apply(value);
    } catch (IllegalArgumentException e) {
      refuse(partition, offset, e);
      return;
    }
    rows.add(new Sourced<>(name, value, partition, offset));
  }

  private void refuse(TopicPartition partition, long offset, RuntimeException reason) {
    refused.add(new Refused(partition, offset, reason));
  }
}
