package dev.tokenbus.workers.body;

import dev.tokenbus.schemas.avro.AttemptDispatched;

/** Finds the bodies of requests. Thread-safe. */
public interface RequestBodies {
  /**
   * Says where the body of a dispatched attempt is to be read, and reads nothing.
   *
   * @throws IllegalArgumentException if the dispatch names no body
   */
  BodySource of(AttemptDispatched dispatched);
}
