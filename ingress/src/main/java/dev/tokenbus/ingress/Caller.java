package dev.tokenbus.ingress;

import dev.tokenbus.schemas.avro.ClientGone;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request, as the catalogue knows the key.
 *
 * @param clientGone what happens to a request of this caller whose client has gone
 */
record Caller(
    String tenant,
    String keyId,
    @Nullable String team,
    @Nullable String user,
    ClientGone clientGone) {}
