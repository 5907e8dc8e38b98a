package dev.tokenbus.runtime.replies;

import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;

/** A record of a request on topic {@code replies}, with its offset in the request's partition. */
public sealed interface LoggedReply {
  long offset();

  /** The attempt that wrote it; -1 where that could not be read. */
  int attempt();

  /**
   * A reply that was read.
   *
   * @param bytes it takes on the topic
   */
  record Known(long offset, int bytes, Reply reply) implements LoggedReply {
    @Override
    public int attempt() {
      return reply.getAttempt();
    }
  }

  /**
   * A reply that a newer version wrote, or that is no reply at all.
   *
   * @param header who wrote it and where it stands in the attempt's order, for the fold; empty if
   *     not even that could be read
   */
  record Unreadable(long offset, Optional<ReplyHeader> header, SerializationException reason)
      implements LoggedReply {
    @Override
    public int attempt() {
      return header.map(ReplyHeader::getAttempt).orElse(-1);
    }
  }

  /** Empty for a tombstone, which says nothing. */
  static Optional<LoggedReply> of(TopicRecord<Reply> record) {
    long offset = record.source().offset();
    return switch (record) {
      case TopicRecord.Present<Reply>(var source, Reply reply) ->
          Optional.of(new Known(offset, source.serializedValueSize(), reply));
      case TopicRecord.Unreadable<Reply> unreadable ->
          Optional.of(
              new Unreadable(
                  offset, unreadable.why().header(ReplyHeader.class), unreadable.why().reason()));
      case TopicRecord.Tombstone<Reply> _ -> Optional.empty();
    };
  }
}
