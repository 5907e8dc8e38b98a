package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.Batch;
import dev.tokenbus.projections.store.Refused;
import dev.tokenbus.projections.store.Sourced;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/** Turns the records of one poll into a batch. */
final class BatchBuilder {
  private BatchBuilder() {}

  /**
   * Sets undecodable records aside.
   *
   * @throws RuntimeException if the registry was down while some record was decoded
   */
  static <T> Batch<T> of(List<ConsumerRecord<byte[], DecodeResult<T>>> records) {
    List<Sourced<T>> rows = new ArrayList<>(records.size());
    List<Refused> refused = new ArrayList<>();
    Map<TopicPartition, Long> next = new HashMap<>();
    for (ConsumerRecord<byte[], DecodeResult<T>> record : records) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      switch (record.value()) {
        case null ->
            refused.add(
                new Refused(
                    partition,
                    record.offset(),
                    new SerializationException(
                        "A record of topic " + record.topic() + " has no value")));
        case DecodeResult.Decoded<T> decoded ->
            rows.add(new Sourced<>(decoded.id(), decoded.value(), partition, record.offset()));
        case DecodeResult.Undecodable<T> undecodable ->
            refused.add(new Refused(partition, record.offset(), undecodable.reason()));
        case DecodeResult.RegistryDown<T> registryDown -> throw registryDown.reason();
      }
      next.merge(partition, record.offset() + 1, Math::max);
    }
    return new Batch<>(rows, refused, next);
  }
}
