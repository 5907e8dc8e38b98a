package dev.tokenbus.workers;

import java.time.InstantSource;
import java.util.function.Consumer;

/** Opens the reply streams of attempts over the worker's one log. */
record ReplyStreams(EventLog log, ReplyTicker ticker, InstantSource clock) {
  /**
   * Opens the stream of a run.
   *
   * @param onFailure told once, on the producer's thread, when a record could not be written
   */
  ReplyStream open(Ticket ticket, Consumer<Exception> onFailure) {
    return new ReplyStream(
        log, ticker, clock, ticket.requestId(), ticket.attempt(), ticket.claim(), onFailure);
  }
}
