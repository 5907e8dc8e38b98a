package dev.tokenbus.workers.pool;

import dev.tokenbus.workers.attempt.CallSlot;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The calls a pool may run at once; their number follows what the provider bears.
 *
 * <p>Thread-safe.
 */
final class Slots {
  /** How often those who wait look whether the pool may grow. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private SlotSizing sizing;
  private int used;
  private int unanswered;
  private long answeredAt = System.nanoTime();

  Slots(SlotSizing sizing) {
    this.sizing = sizing;
  }

  /**
   * Takes so many, if they are free or the pool may grow.
   *
   * @return whether they were taken
   */
  boolean tryTake(int wanted) {
    lock.lock();
    try {
      return takeLocked(wanted);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until so many are free and takes them.
   *
   * @param givenUp looked at before each wait, and again after {@link #wake}
   * @return false if it was given up; then nothing was taken
   */
  boolean take(int wanted, BooleanSupplier givenUp) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!givenUp.getAsBoolean()) {
        if (takeLocked(wanted)) {
          return true;
        }
        long _ = changed.awaitNanos(LOOK_NANOS);
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeLocked(int wanted) {
    int needed = used + wanted;
    if (needed > sizing.size()) {
      long now = System.nanoTime();
      sizing.grow(needed, unanswered, now - answeredAt, now);
    }
    if (needed > sizing.size()) {
      return false;
    }
    used = needed;
    return true;
  }

  void giveBack(int unused) {
    lock.lock();
    try {
      used -= unused;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Turns one of the slots that were taken into the slot of a call. */
  CallSlot use() {
    lock.lock();
    try {
      if (unanswered == 0) {
        // Silence counts from the first call that waits.
        answeredAt = System.nanoTime();
      }
      unanswered++;
    } finally {
      lock.unlock();
    }
    return new UsedSlot();
  }

  private final class UsedSlot implements CallSlot {
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicBoolean freed = new AtomicBoolean();

    @Override
    public void answered() {
      if (answered.compareAndSet(false, true)) {
        lock.lock();
        try {
          unanswered--;
          answeredAt = System.nanoTime();
        } finally {
          lock.unlock();
        }
      }
    }

    @Override
    public void refused() {
      lock.lock();
      try {
        sizing.shrink(used, System.nanoTime());
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void free() {
      if (freed.compareAndSet(false, true)) {
        lock.lock();
        try {
          if (answered.compareAndSet(false, true)) {
            unanswered--;
          }
          used--;
          changed.signalAll();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  /** Gives the pool another size; calls beyond it go on to their end. */
  void resize(SlotSizing other) {
    lock.lock();
    try {
      sizing = other;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int total() {
    lock.lock();
    try {
      return sizing.size();
    } finally {
      lock.unlock();
    }
  }

  int ceiling() {
    lock.lock();
    try {
      return sizing.ceiling();
    } finally {
      lock.unlock();
    }
  }

  int free() {
    lock.lock();
    try {
      return Math.max(0, sizing.size() - used);
    } finally {
      lock.unlock();
    }
  }

  /** Lets those who wait see whether they have given up. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
