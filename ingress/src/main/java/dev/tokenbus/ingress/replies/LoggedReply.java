package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.avro.Reply;

/**
 * A reply with its place in the log.
 *
 * @param offset in the request's reply partition
 * @param bytes it took on the topic
 */
public record LoggedReply(long offset, Reply reply, int bytes) {}
