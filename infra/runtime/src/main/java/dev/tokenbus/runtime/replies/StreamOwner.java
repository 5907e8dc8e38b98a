package dev.tokenbus.runtime.replies;

import dev.tokenbus.schemas.avro.Reply;

/** The run of an attempt that writes, or has written, a request's stream. */
public record StreamOwner(int attempt, long claim) {
  boolean wrote(Reply reply) {
    return reply.getAttempt() == attempt && reply.getClaim() == claim;
  }
}
