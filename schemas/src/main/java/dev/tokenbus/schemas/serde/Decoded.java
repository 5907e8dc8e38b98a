package dev.tokenbus.schemas.serde;

import java.util.Optional;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * What became of a record's bytes. The three cases ask for different behaviour: a value is
 * processed, an undecodable record is answered for by whoever reads it, and a registry that is away
 * is waited for, with the same bytes, until it has answered.
 */
public sealed interface Decoded<T> {
  /** The bytes were read. */
  record Value<T>(T value) implements Decoded<T> {}

  /**
   * The bytes cannot be read by this version, now or later: they are no Avro in the wire format,
   * nobody registered their schema, or a newer writer used a union branch that this version does
   * not know.
   *
   * @param reason says which, and of which topic; also the cause to log or to put into a dead
   *     letter
   * @param header the fields that could be read by themselves, of the type or schema that the
   *     decoder was given for it; null if it was given none or not even those could be read
   */
  record Undecodable<T>(SerializationException reason, @Nullable IndexedRecord header)
      implements Decoded<T> {

    /** The header, if it could be read as this type. */
    public <H extends IndexedRecord> Optional<H> header(Class<H> type) {
      return Optional.ofNullable(header).filter(type::isInstance).map(type::cast);
    }
  }

  /**
   * The schema registry has not answered, or has not known the schema for long: it is not known yet
   * whether the bytes can be read.
   */
  record RegistryDown<T>(SchemaRegistryException cause) implements Decoded<T> {}
}
