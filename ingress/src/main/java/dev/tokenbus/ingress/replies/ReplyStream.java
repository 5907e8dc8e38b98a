package dev.tokenbus.ingress.replies;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The live records of one request on their way from the bridge's thread to the request's own.
 * Bounded: what does not fit is dropped here, since it stands in the log, and the first offset that
 * was dropped is remembered.
 *
 * <p>One thread reads, the one that made it; the bridge writes; any thread may fail it.
 */
final class ReplyStream {
  private static final long NOTHING_LOST = -1;

  private final String requestId;
  private final FeedLimits limits;
  private final Thread reader = Thread.currentThread();

  /** Of the bridge's thread alone. */
  private final List<LoggedReply> staged = new ArrayList<>();

  /**
   * When the reader wants to be woken even if nothing comes, on the scale of {@link
   * System#nanoTime()}.
   */
  private volatile long wakeAt;

  private List<LoggedReply> queue = new ArrayList<>();
  private int queuedBytes;
  private long lostFrom;
  private boolean answered;
  private @Nullable RuntimeException failure;

  private ReplyStream(String requestId, FeedLimits limits, long lostFrom) {
    this.requestId = requestId;
    this.limits = limits;
    this.lostFrom = lostFrom;
  }

  /** A stream that takes what it is handed from the first record on. */
  static ReplyStream live(String requestId, FeedLimits limits) {
    return new ReplyStream(requestId, limits, NOTHING_LOST);
  }

  /** A stream that takes no part until it is {@link #reopen reopened}. */
  static ReplyStream late(String requestId, FeedLimits limits) {
    return new ReplyStream(requestId, limits, 0);
  }

  String requestId() {
    return requestId;
  }

  // The bridge's side

  /**
   * Holds a record back until {@link #publish}.
   *
   * @return whether it is the first one held back
   */
  boolean stage(LoggedReply reply) {
    staged.add(reply);
    return staged.size() == 1;
  }

  /** Hands over what was held back, in one step, and wakes the reader. */
  void publish() {
    synchronized (this) {
      answered = true;
      for (LoggedReply reply : staged) {
        offer(reply);
      }
    }
    staged.clear();
    LockSupport.unpark(reader);
  }

  private void offer(LoggedReply reply) {
    if (lostFrom != NOTHING_LOST) {
      return;
    }
    boolean fits =
        queue.isEmpty()
            || (queue.size() < limits.records() && queuedBytes + reply.bytes() <= limits.bytes());
    if (fits) {
      queue.add(reply);
      queuedBytes += reply.bytes();
    } else {
      lostFrom = reply.offset();
    }
  }

  /** Wakes the reader if its time has come. */
  void tick(long now) {
    if (now - wakeAt >= 0) {
      LockSupport.unpark(reader);
    }
  }

  /** Lets the reader's next wait, behind what is already there, end with the exception. */
  void fail(RuntimeException reason) {
    synchronized (this) {
      if (failure == null) {
        failure = reason;
      }
    }
    LockSupport.unpark(reader);
  }

  /**
   * As {@link #fail}, unless a record has come: then the request is in the log, whatever was
   * thought of it.
   */
  void refuse(RuntimeException reason) {
    synchronized (this) {
      if (answered) {
        return;
      }
    }
    fail(reason);
  }

  // The reader's side

  /**
   * Waits for records.
   *
   * @param until on the scale of {@link System#nanoTime()}; kept to a tick of the bridge
   * @return empty when the time has come, or when records were lost
   * @throws RuntimeException what {@link #fail} was given
   */
  List<LoggedReply> await(long until) throws InterruptedException {
    wakeAt = until;
    while (true) {
      synchronized (this) {
        if (!queue.isEmpty()) {
          List<LoggedReply> taken = queue;
          queue = new ArrayList<>();
          queuedBytes = 0;
          return taken;
        }
        throwIfFailed();
        if (lostFrom != NOTHING_LOST || System.nanoTime() - until >= 0) {
          return List.of();
        }
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.park(this);
    }
  }

  synchronized void throwIfFailed() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Whether records were dropped; from {@link #lostFrom()} on they are to be read from the log. */
  synchronized boolean overflowed() {
    return lostFrom != NOTHING_LOST;
  }

  synchronized long lostFrom() {
    return lostFrom;
  }

  /** Takes records again. */
  synchronized void reopen() {
    lostFrom = NOTHING_LOST;
  }
}
