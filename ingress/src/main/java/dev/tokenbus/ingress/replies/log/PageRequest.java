package dev.tokenbus.ingress.replies.log;

import dev.tokenbus.schemas.RequestId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A request for a page of one client request's records, with the records found so far. Confined to
 * the reader's thread once submitted; any thread may await the page.
 */
final class PageRequest {
  private final RequestId id;
  private final String key;
  private final int maxBytes;
  private final CompletableFuture<LogPage> page = new CompletableFuture<>();
  private final List<LoggedReply> records = new ArrayList<>();
  private long from;
  private int bytes;
  private boolean full;

  /**
   * Creates a request for a page.
   *
   * @param from the offset to begin at; negative to begin where the client request was accepted
   * @param maxBytes the size of the page; it holds at least one record, if there is one
   */
  PageRequest(RequestId id, long from, int maxBytes) {
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

  /** Whether the page has room for the record; if not, the page is complete. */
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

  /** Completes the page, unless it is full. */
  void readUpTo(long position, boolean atEnd) {
    if (!full) {
      page.complete(new LogPage(records, Math.max(from, position), atEnd && position >= from));
    }
  }

  void fail(Throwable reason) {
    page.completeExceptionally(reason);
  }
}
