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
 * @param requestId of a record's value, in canonical form
 */
public record Projection<T>(
    String name,
    Topic topic,
    RecordDecoder<T> decoder,
    Function<T, String> requestId,
    RecordTables<T> tables) {}
