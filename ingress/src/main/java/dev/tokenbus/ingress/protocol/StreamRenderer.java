package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Reply;

/**
 * Renders the visible records of one request as events. The bytes are a pure function of the
 * records so far, in log order: they depend on no clock and no state of the instance, so that every
 * instance writes the same ones.
 *
 * <p>One per reader of a request; not thread-safe.
 */
public interface StreamRenderer {
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

  /**
   * Begins behind a checkpoint, as if every record before it had been skipped. Called at most once,
   * before any record.
   */
  void resume(Checkpoint checkpoint);

  /** Appends the event that ends the stream because of a problem that is not in the log. */
  void fail(Problem problem, EventBuffer out);
}
