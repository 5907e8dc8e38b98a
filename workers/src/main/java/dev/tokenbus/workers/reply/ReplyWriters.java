package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.RequestId;
import java.time.InstantSource;
import java.util.function.Consumer;

/** Makes the reply writers of runs over the worker's one producer. */
public record ReplyWriters(RecordProducer producer, ReplyFlusher flusher, InstantSource clock) {
  /**
   * Makes the writer of a run.
   *
   * @param onFailure called once, on the producer's thread, when a record could not be written
   */
  public ReplyWriter open(
      RequestId requestId, int attempt, long claim, Consumer<Exception> onFailure) {
    return new ReplyWriter(producer, flusher, clock, requestId, attempt, claim, onFailure);
  }
}
