package dev.tokenbus.projections;

import dev.tokenbus.schemas.RequestId;

/**
 * What became of a record's bytes. Decoding happens while a consumer polls, so that of a record of
 * 12 MB only what the projection wants stays in memory.
 */
sealed interface Decoded<T> {
  /** Bytes that could be read. */
  record Legible<T>(RequestId id, T value) implements Decoded<T> {}

  /** Bytes that nobody will ever be able to read. */
  record Illegible<T>(RuntimeException reason) implements Decoded<T> {}

  /** Bytes of which it cannot be told at present, because the schema registry is away. */
  record Undecided<T>(RuntimeException reason) implements Decoded<T> {}
}
