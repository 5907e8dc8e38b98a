package dev.tokenbus.projections.store;

import dev.tokenbus.schemas.RequestId;
import org.apache.kafka.common.TopicPartition;

/**
 * A record's value with its request id and its position in the log.
 *
 * @param id holds the time of acceptance, and with it the month partition of the table
 */
public record Sourced<T>(RequestId id, T value, TopicPartition partition, long offset) {}
