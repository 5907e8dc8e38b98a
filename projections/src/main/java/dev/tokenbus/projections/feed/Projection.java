package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.RecordTables;
import dev.tokenbus.schemas.topics.Topic;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * How the records of one topic become rows.
 *
 * @param name of its progress in {@code projection_offsets} and of its consumer group
 * @param requestId of a record's value, in canonical form
 */
public record Projection<T>(
    String name,
    Topic topic,
    Deserializer<T> deserializer,
    Function<T, String> requestId,
    RecordTables<T> tables) {}
