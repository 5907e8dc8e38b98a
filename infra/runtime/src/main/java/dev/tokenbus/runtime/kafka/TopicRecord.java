package dev.tokenbus.runtime.kafka;

import dev.tokenbus.schemas.serde.Decoded;
import dev.tokenbus.schemas.serde.RecordDecoder;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A record of a topic and what its value says. */
public sealed interface TopicRecord<T> {
  /** The record as it stands on its topic: key, offset, timestamp, headers, bytes. */
  ConsumerRecord<String, byte[]> source();

  /** A record with a value that was read. */
  record Present<T>(ConsumerRecord<String, byte[]> source, T value) implements TopicRecord<T> {}

  /** A record without a value: its key is removed. */
  record Tombstone<T>(ConsumerRecord<String, byte[]> source) implements TopicRecord<T> {}

  /** A record that this version will never be able to read. */
  record Unreadable<T>(ConsumerRecord<String, byte[]> source, Decoded.Undecodable<T> why)
      implements TopicRecord<T> {}

  /**
   * Decodes the record's value.
   *
   * @throws dev.tokenbus.schemas.serde.SchemaRegistryException if the registry is away, so that it
   *     is not known yet which of the three the record is
   */
  static <T> TopicRecord<T> of(ConsumerRecord<String, byte[]> record, RecordDecoder<T> decoder) {
    if (record.value() == null) {
      return new Tombstone<>(record);
    }
    return switch (decoder.decode(record.topic(), record.value())) {
      case Decoded.Value<T>(T value) -> new Present<>(record, value);
      case Decoded.Undecodable<T> why -> new Unreadable<>(record, why);
      case Decoded.RegistryDown<T> down -> throw down.cause();
    };
  }
}
