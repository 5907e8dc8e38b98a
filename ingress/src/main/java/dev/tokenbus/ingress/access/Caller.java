package dev.tokenbus.ingress.access;

import dev.tokenbus.schemas.avro.ClientGone;
import org.jspecify.annotations.Nullable;

/**
 * The owner of an API key, as the catalogue has it.
 *
 * @param clientGone what happens to a request of this caller when its client disconnects
 */
public record Caller(
    String tenant,
    String keyId,
    @Nullable String team,
    @Nullable String user,
    ClientGone clientGone) {}
