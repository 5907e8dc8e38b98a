package dev.tokenbus.projections;

import dev.tokenbus.schemas.RequestId;
import org.apache.kafka.common.TopicPartition;

/**
 * A value with the request it belongs to and the place it was read from.
 *
 * @param id tells the time of acceptance, and with it the partition of the table
 */
record Sourced<T>(RequestId id, T value, TopicPartition partition, long offset) {}
