package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Reply;

/**
 * Turns the visible records of one request into server-sent events. What it writes is a pure
 * function of the records given so far, in log order: no clock, no state of the instance, so that
 * every instance writes the same bytes.
 *
 * <p>One per reader of a request; not thread-safe.
 */
public interface AnswerStream {
  /**
   * Appends the events of the next visible record, which may be none.
   *
   * @param reply a record that the fold let through
   * @param out positioned at the record's offset
   */
  void render(Reply reply, EventBuffer out);

  /**
   * Takes note of the next visible record, whose events the reader has seen before: as {@link
   * #render}, without writing them.
   */
  void skip(Reply reply);
}
