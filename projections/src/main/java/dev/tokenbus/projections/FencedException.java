package dev.tokenbus.projections;

import org.apache.kafka.common.TopicPartition;

/** Another instance has written the partition down meanwhile; this one's batch was rolled back. */
final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FencedException(TopicPartition partition, long expected) {
    super(partition + " does not stand at offset " + expected + " any more");
  }
}
