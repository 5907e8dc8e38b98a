package dev.tokenbus.ingress.replies.log;

import dev.tokenbus.schemas.avro.Reply;

/**
 * A reply with its offset.
 *
 * @param offset its offset in the request's reply partition
 * @param bytes its size on the topic
 */
public record LoggedReply(long offset, Reply reply, int bytes) {}
