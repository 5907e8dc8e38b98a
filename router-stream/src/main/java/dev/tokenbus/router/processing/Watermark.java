package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.store.TaskStore;
import dev.tokenbus.schemas.topics.Topics;

/**
 * How far the task's partition of {@code requests} was processed. A record before it whose request
 * is not known has been processed, has ended and was forgotten: it is a repeat.
 *
 * <p>The offset is kept only when a request is forgotten, just before: the changelog has one order,
 * so a restored store that misses the request has the watermark. Not thread-safe.
 */
final class Watermark {
  private final TaskStore store;
  private long kept;
  private long processed;

  Watermark(TaskStore store) {
    this.store = store;
    kept = store.processed(Topics.REQUESTS.name());
    processed = kept;
  }

  /** A record was processed. */
  void processed(long offset) {
    processed = Math.max(processed, offset + 1);
  }

  /** Whether the record was processed before. */
  boolean covers(long offset) {
    return offset < kept;
  }

  /** A request with this record is about to be forgotten. */
  void cover(LogPosition position) {
    if (!covers(position.offset())) {
      kept = Math.max(processed, position.offset() + 1);
      store.processed(Topics.REQUESTS.name(), kept);
    }
  }
}
