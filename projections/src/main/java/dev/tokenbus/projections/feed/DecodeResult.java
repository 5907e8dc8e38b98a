package dev.tokenbus.projections.feed;

import dev.tokenbus.schemas.RequestId;

/**
 * What decoding a record's bytes gave. Decoding happens while a consumer polls, so that of a record
 * of 12 MB only the fields that the projection wants stay in memory.
 */
sealed interface DecodeResult<T> {
  /** The bytes were read. */
  record Decoded<T>(RequestId id, T value) implements DecodeResult<T> {}

  /** The bytes cannot be read, however often they are decoded. */
  record Undecodable<T>(RuntimeException reason) implements DecodeResult<T> {}

  /** The registry did not answer, so nobody knows whether the bytes can be read. */
  record RegistryDown<T>(RuntimeException reason) implements DecodeResult<T> {}
}
