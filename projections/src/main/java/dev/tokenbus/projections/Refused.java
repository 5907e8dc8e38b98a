package dev.tokenbus.projections;

import org.apache.kafka.common.TopicPartition;

/** A record that can never be written down, and why. */
record Refused(TopicPartition partition, long offset, RuntimeException reason) {}
