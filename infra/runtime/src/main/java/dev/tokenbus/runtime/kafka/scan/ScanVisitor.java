package dev.tokenbus.runtime.kafka.scan;

import dev.tokenbus.runtime.kafka.TopicRecord;

/** What a scan hands its records to, on the scanner's thread; it must not block. */
@FunctionalInterface
public interface ScanVisitor<T> {
  /**
   * Takes the next record in log order. What it throws ends the scan with that exception.
   *
   * @return whether more is wanted; if not, the scan is complete
   */
  boolean take(TopicRecord<T> record);
}
