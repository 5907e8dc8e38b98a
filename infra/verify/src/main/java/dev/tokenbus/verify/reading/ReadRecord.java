package dev.tokenbus.verify.reading;

import dev.tokenbus.verify.ledger.Entry;
import java.util.Optional;

/**
 * What was read of one record.
 *
 * @param entry empty if nothing that the ledger needs could be read
 * @param problem why the record as a whole cannot be read; empty if it can
 */
record ReadRecord(Optional<Entry> entry, Optional<String> problem) {
  static ReadRecord of(Entry entry) {
    return new ReadRecord(Optional.of(entry), Optional.empty());
  }

  static ReadRecord unreadable(Optional<Entry> header, String reason) {
    return new ReadRecord(header, Optional.of(reason));
  }
}
