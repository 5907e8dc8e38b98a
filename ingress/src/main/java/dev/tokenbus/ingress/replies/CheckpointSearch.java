package dev.tokenbus.ingress.replies;

import dev.tokenbus.runtime.replies.ReplyHistory;
import dev.tokenbus.schemas.RequestId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The search for what a client that comes back needs of the records before its next event. */
final class CheckpointSearch {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointSearch.class);

  private final RequestId id;
  private final long offset;
  private final CompletableFuture<Optional<ReplyHistory>> search;
  private Optional<ReplyHistory> found = Optional.empty();

  /**
   * Takes over a search that has begun.
   *
   * @param offset the offset of the last record the client has seen events of
   */
  CheckpointSearch(RequestId id, long offset, CompletableFuture<Optional<ReplyHistory>> search) {
    this.id = id;
    this.offset = offset;
    this.search = search;
  }

  long offset() {
    return offset;
  }

  /** What was found; empty if the stream is to be read from its beginning. */
  Optional<ReplyHistory> found() {
    return found;
  }

  /**
   * Waits for the search.
   *
   * @param until on the scale of {@link System#nanoTime()}
   * @return whether it is over
   */
  boolean await(long until) throws InterruptedException {
    try {
      found = search.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      LOG.atWarn()
          .addKeyValue("request_id", id)
          .setCause(e.getCause())
          .log("no checkpoint was found; the stream is read from its beginning");
      return true;
    }
  }
}
