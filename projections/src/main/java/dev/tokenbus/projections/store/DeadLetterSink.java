package dev.tokenbus.projections.store;

import java.util.List;

/** Where records go that can never become rows. Implementations are thread-safe. */
@FunctionalInterface
public interface DeadLetterSink {
  /**
   * Returns when all records are acknowledged.
   *
   * @throws RuntimeException if they cannot be published at present; some may have been
   */
  void publish(List<Refused> refused);
}
