package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.RequestId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A page that a request has asked the log for, and what of it has been found. Of the reader's
 * thread alone once it is taken up; the result may be awaited by any thread.
 */
final class PageOrder {
  private final RequestId id;
  private final String key;
  private final int maxBytes;
  private final CompletableFuture<LogPage> page = new CompletableFuture<>();
  private final List<LoggedReply> records = new ArrayList<>();
  private long from;
  private int bytes;
  private boolean full;

  /**
   * Orders a page.
   *
   * @param from offset to begin at; negative to begin where the request was accepted
   * @param maxBytes after which the page is full; it holds at least one record, if there is one
   */
  PageOrder(RequestId id, long from, int maxBytes) {
    this.id = id;
    this.from = from;
    this.maxBytes = maxBytes;
    key = id.toString();
  }

  RequestId id() {
    return id;
  }

  String key() {
    return key;
  }

  int partition() {
    return id.replyPartition();
  }

  long from() {
    return from;
  }

  boolean beginsAtAcceptance() {
    return from < 0;
  }

  void beginAt(long offset) {
    from = offset;
  }

  CompletableFuture<LogPage> page() {
    return page;
  }

  /** Whether there is still room for the record; if not, the page is complete. */
  boolean wants(long offset, int size) {
    if (full || offset < from) {
      return false;
    }
    if (!records.isEmpty() && bytes + size > maxBytes) {
      full = true;
      page.complete(new LogPage(records, offset, false));
      return false;
    }
    return true;
  }

  void add(LoggedReply reply) {
    records.add(reply);
    bytes += reply.bytes();
  }

  boolean open() {
    return !full;
  }

  /** Completes the page, unless it was full before. */
  void readUpTo(long position, boolean atEnd) {
    if (!full) {
      page.complete(new LogPage(records, Math.max(from, position), atEnd && position >= from));
    }
  }

  void fail(Throwable reason) {
    page.completeExceptionally(reason);
  }
}
