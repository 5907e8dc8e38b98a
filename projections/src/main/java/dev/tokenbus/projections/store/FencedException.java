package dev.tokenbus.projections.store;

import org.apache.kafka.common.TopicPartition;

/** Another instance has moved the partition's stored offset; this batch was rolled back. */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FencedException(TopicPartition partition, long expected) {
    super("The stored offset of " + partition + " is not " + expected + " any more");
  }
}
