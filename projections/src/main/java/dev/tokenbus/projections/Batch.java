package dev.tokenbus.projections;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The records of one poll, sorted out.
 *
 * @param rows by request id, in the order of the log where ids are equal: transactions that take
 *     their rows in one order cannot deadlock
 * @param refused what cannot be read
 * @param next for each partition, the offset behind the batch
 */
record Batch<T>(List<Sourced<T>> rows, List<Refused> refused, Map<TopicPartition, Long> next) {

  /**
   * @throws RuntimeException the reason why some record cannot be judged at present
   */
  static <T> Batch<T> of(List<ConsumerRecord<byte[], Decoded<T>>> records) {
    List<Sourced<T>> rows = new ArrayList<>(records.size());
    List<Refused> refused = new ArrayList<>();
    Map<TopicPartition, Long> next = new HashMap<>();
    for (ConsumerRecord<byte[], Decoded<T>> record : records) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      switch (record.value()) {
        case null ->
            refused.add(
                new Refused(
                    partition,
                    record.offset(),
                    new SerializationException(
                        "A record of topic " + record.topic() + " has no value")));
        case Decoded.Legible<T> legible ->
            rows.add(new Sourced<>(legible.id(), legible.value(), partition, record.offset()));
        case Decoded.Illegible<T> illegible ->
            refused.add(new Refused(partition, record.offset(), illegible.reason()));
        case Decoded.Undecided<T> undecided -> throw undecided.reason();
      }
      next.merge(partition, record.offset() + 1, Math::max);
    }
    rows.sort(Comparator.comparing(Sourced::id));
    return new Batch<>(rows, refused, next);
  }

  Collection<TopicPartition> partitions() {
    return next.keySet();
  }

  List<Instant> acceptedAt() {
    return rows.stream().map(row -> row.id().acceptedAt()).toList();
  }
}
