package dev.tokenbus.runtime.kafka.scan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;

/** The scans that wait, by partition; the one that has waited longest comes first. Thread-safe. */
final class ScanQueue {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private final Map<TopicPartition, List<Scan<?>>> waiting = new LinkedHashMap<>();
  private boolean closed;

  /** Adds scans; false if the queue is closed. */
  boolean add(Collection<? extends Scan<?>> scans) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      for (Scan<?> scan : scans) {
        waiting.computeIfAbsent(scan.spec().partition(), partition -> new ArrayList<>()).add(scan);
        added.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a scan waits or the time is over. */
  boolean await(Duration most) throws InterruptedException {
    long nanos = most.toNanos();
    lock.lock();
    try {
      while (waiting.isEmpty() && !closed && nanos > 0) {
        nanos = added.awaitNanos(nanos);
      }
      return !waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Takes all scans of one partition; none if nothing waits. */
  List<Scan<?>> take() {
    lock.lock();
    try {
      Iterator<List<Scan<?>>> lists = waiting.values().iterator();
      if (!lists.hasNext()) {
        return List.of();
      }
      List<Scan<?>> first = lists.next();
      lists.remove();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more, and returns what waits. */
  List<Scan<?>> close() {
    lock.lock();
    try {
      closed = true;
      added.signalAll();
      List<Scan<?>> left = new ArrayList<>();
      waiting.values().forEach(left::addAll);
      waiting.clear();
      return left;
    } finally {
      lock.unlock();
    }
  }

  /** Waits, or returns when the queue is closed meanwhile. */
  void pause(Duration time) throws InterruptedException {
    lock.lock();
    try {
      long nanos = time.toNanos();
      while (!closed && nanos > 0) {
        nanos = added.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }
}
