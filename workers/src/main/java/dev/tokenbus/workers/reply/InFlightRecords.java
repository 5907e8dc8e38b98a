package dev.tokenbus.workers.reply;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the records of one stream that have been sent and not yet acknowledged. Its lock is never
 * held while something is sent, so the producer's thread can always report here, also when a sender
 * waits for the producer.
 *
 * <p>Thread-safe.
 */
public final class InFlightRecords {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final long limit;
  private final Consumer<Exception> onFirstFailure;
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private long outstanding;
  private int records;
  private boolean closed;
  private @Nullable Exception failure;

  /**
   * @param limit of characters in flight beyond which senders wait
   * @param onFirstFailure called with the first failed send, on the producer's thread
   */
  InFlightRecords(long limit, Consumer<Exception> onFirstFailure) {
    this.limit = limit;
    this.onFirstFailure = onFirstFailure;
  }

  /** Waits until there is room for more, or a send has failed. */
  void awaitRoom() {
    lock.lock();
    try {
      while (outstanding > limit && failure == null) {
        room.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean failed() {
    lock.lock();
    try {
      return failure != null;
    } finally {
      lock.unlock();
    }
  }

  void sent(long characters) {
    lock.lock();
    try {
      outstanding += characters;
      records++;
    } finally {
      lock.unlock();
    }
  }

  void acknowledged(long characters, @Nullable Exception problem) {
    boolean first = false;
    boolean last;
    lock.lock();
    try {
      outstanding -= characters;
      records--;
      if (problem != null && failure == null) {
        failure = problem;
        first = true;
      }
      last = closed && records == 0;
      room.signalAll();
    } finally {
      lock.unlock();
    }
    if (first && problem != null) {
      onFirstFailure.accept(problem);
    }
    if (last) {
      settle();
    }
  }

  /**
   * Nothing more will be sent.
   *
   * @return completes when everything sent has been acknowledged, or with the first failure
   */
  CompletableFuture<Void> close() {
    boolean last;
    lock.lock();
    try {
      closed = true;
      last = records == 0;
    } finally {
      lock.unlock();
    }
    if (last) {
      settle();
    }
    return settled;
  }

  private void settle() {
    Exception problem;
    lock.lock();
    try {
      problem = failure;
    } finally {
      lock.unlock();
    }
    if (problem == null) {
      settled.complete(null);
    } else {
      settled.completeExceptionally(problem);
    }
  }
}
