package dev.tokenbus.projections.store;

import org.apache.kafka.common.TopicPartition;

/**
 * A record's value with its key and its position in the log.
 *
 * @param key names the rows that are made of the record; not the record's key in Kafka
 */
public record Sourced<K, T>(K key, T value, TopicPartition partition, long offset) {}
