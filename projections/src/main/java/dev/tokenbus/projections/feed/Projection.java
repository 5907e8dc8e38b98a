package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.RecordTables;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topic;
import java.util.function.Function;

/**
 * How the records of one topic become rows. Decoding happens while a consumer polls, so that of a
 * record of 12 MB only what the decoder keeps stays in memory.
 *
 * @param name of its progress in {@code projection_offsets} and of its consumer group
 * @param key of a record's value; throws {@link IllegalArgumentException} where that names none,
 *     which makes the record a dead letter
 */
public record Projection<K, T>(
    String name,
    Topic topic,
    RecordDecoder<T> decoder,
    Function<T, K> key,
    RecordTables<K, T> tables) {}
