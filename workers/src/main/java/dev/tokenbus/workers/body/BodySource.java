package dev.tokenbus.workers.body;

import dev.tokenbus.schemas.avro.ChatRequest;

/** Reads the body of one request. */
@FunctionalInterface
public interface BodySource {
  /**
   * Reads the body; may block.
   *
   * @throws BodyException if the body cannot be had
   */
  ChatRequest read() throws BodyException;

  /** Its size in the log; 0 where it is at hand. */
  default long bytes() {
    return 0;
  }
}
