package dev.tokenbus.projections.store;

import org.apache.kafka.common.TopicPartition;

/** A record that no retry can turn into a row, and why. */
public record Refused(TopicPartition partition, long offset, RuntimeException reason) {}
