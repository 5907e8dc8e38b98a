package dev.tokenbus.workers.pool;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The calls a pool may run at once.
 *
 * <p>Thread-safe.
 */
final class Slots {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int total;
  private int used;

  Slots(int total) {
    this.total = total;
  }

  /**
   * Takes so many, if they are free.
   *
   * @return whether they were
   */
  boolean tryTake(int wanted) {
    lock.lock();
    try {
      if (total - used < wanted) {
        return false;
      }
      used += wanted;
      return true;
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
      while (!givenUp.getAsBoolean() && total - used < wanted) {
        changed.await();
      }
      if (givenUp.getAsBoolean()) {
        return false;
      }
      used += wanted;
      return true;
    } finally {
      lock.unlock();
    }
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

  /** Gives the pool another size; calls beyond it go on to their end. */
  void resize(int newTotal) {
    lock.lock();
    try {
      total = newTotal;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int total() {
    lock.lock();
    try {
      return total;
    } finally {
      lock.unlock();
    }
  }

  int free() {
    lock.lock();
    try {
      return Math.max(0, total - used);
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
