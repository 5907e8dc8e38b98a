package dev.tokenbus.runtime.replies;

import dev.tokenbus.schemas.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is to be read back of a request.
 *
 * @param owner the run whose last checkpoint may be begun with, or that of a run it took over from;
 *     empty to read from the request's first record
 * @param end offset behind the last record that is wanted
 * @param endTime timestamp of the record at the end, or about the present; from there the search
 *     for a checkpoint looks back
 * @param from an offset that is not behind the request's first record, where one is known;
 *     otherwise the time in the id tells
 * @param limit how long reading may take, waits and retries included
 */
public record ReplyQuery(
    RequestId id,
    Optional<StreamOwner> owner,
    long end,
    Instant endTime,
    OptionalLong from,
    Duration limit) {}
