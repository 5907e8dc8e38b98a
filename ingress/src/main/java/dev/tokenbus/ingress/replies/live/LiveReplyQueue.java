package dev.tokenbus.ingress.replies.live;

import dev.tokenbus.runtime.replies.LoggedReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue that hands the live records of one request from the bridge's thread to the
 * request's own. It drops records that do not fit, since they are in the log, and remembers the
 * first dropped offset.
 *
 * <p>The thread that created it reads, the bridge writes, and any thread may fail it.
 */
public final class LiveReplyQueue {
  private static final long NOTHING_LOST = -1;

  private final String requestId;
  private final FeedLimits limits;
  private final Thread reader = Thread.currentThread();

  /** Confined to the bridge's thread. */
  private final List<LoggedReply> staged = new ArrayList<>();

  /**
   * When the reader wants to be woken even if no record comes, on the scale of {@link
   * System#nanoTime()}.
   */
  private volatile long wakeAt;

  private List<LoggedReply> queue = new ArrayList<>();
  private int queuedBytes;
  private long lostFrom;
  private boolean answered;
  private @Nullable RuntimeException failure;

  private LiveReplyQueue(String requestId, FeedLimits limits, long lostFrom) {
    this.requestId = requestId;
    this.limits = limits;
    this.lostFrom = lostFrom;
  }

  /** An open queue. */
  public static LiveReplyQueue live(String requestId, FeedLimits limits) {
    return new LiveReplyQueue(requestId, limits, NOTHING_LOST);
  }

  /** A queue that drops records until it is {@link #reopen reopened}. */
  public static LiveReplyQueue late(String requestId, FeedLimits limits) {
    return new LiveReplyQueue(requestId, limits, 0);
  }

  String requestId() {
    return requestId;
  }

  // The bridge's side

  /**
   * Stages a record until {@link #publish}.
   *
   * @return whether it is the first staged one
   */
  boolean stage(LoggedReply reply) {
    staged.add(reply);
    return staged.size() == 1;
  }

  /** Hands over the staged records in one step and wakes the reader. */
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
    // One that cannot be read ends the stream, whatever its size.
    int bytes = reply instanceof LoggedReply.Known known ? known.bytes() : 0;
    boolean fits =
        queue.isEmpty()
            || (queue.size() < limits.records() && queuedBytes + bytes <= limits.bytes());
    if (fits) {
      queue.add(reply);
      queuedBytes += bytes;
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

  /** Makes the reader's next wait throw the exception once the queue is empty. */
  public void fail(RuntimeException reason) {
    synchronized (this) {
      if (failure == null) {
        failure = reason;
      }
    }
    LockSupport.unpark(reader);
  }

  /**
   * As {@link #fail}, unless a record has come: then the request is in the log in spite of the
   * failure.
   */
  public void refuse(RuntimeException reason) {
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
   * @param until on the scale of {@link System#nanoTime()}; precise to a tick of the bridge
   * @return empty at the given time, or when records were dropped
   * @throws RuntimeException the exception that was given to {@link #fail}
   */
  public List<LoggedReply> await(long until) throws InterruptedException {
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

  public synchronized void throwIfFailed() {
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Whether records were dropped; those from {@link #lostFrom()} on are to be read from the log.
   */
  public synchronized boolean overflowed() {
    return lostFrom != NOTHING_LOST;
  }

  public synchronized long lostFrom() {
    return lostFrom;
  }

  /** Accepts records again. */
  synchronized void reopen() {
    lostFrom = NOTHING_LOST;
  }
}
