package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Reply;

/**
 * Renders the visible records of one request as server-sent events. The bytes are a pure function
 * of the records so far, in log order: they depend on no clock and no state of the instance, so
 * that every instance writes the same ones.
 *
 * <p>One per reader of a request; not thread-safe.
 */
public interface AnswerStream {
  /**
   * Appends the events of the next visible record; there may be none.
   *
   * @param reply a record that the fold let through
   * @param out a buffer positioned at the record's offset
   */
  void render(Reply reply, EventBuffer out);

  /**
   * Advances as {@link #render} does, without writing events: the client has seen the record's
   * events before.
   */
  void skip(Reply reply);
}
