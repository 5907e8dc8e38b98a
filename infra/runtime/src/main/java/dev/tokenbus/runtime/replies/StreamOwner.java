package dev.tokenbus.runtime.replies;

import dev.tokenbus.schemas.avro.Reply;

/**
 * The run that writes, or has written, a request's stream.
 *
 * @param claim random number of the run: tells it from every other one of the request, of whichever
 *     attempt it was
 */
public record StreamOwner(long claim) {
  boolean wrote(Reply reply) {
    return reply.getClaim() == claim;
  }
}
