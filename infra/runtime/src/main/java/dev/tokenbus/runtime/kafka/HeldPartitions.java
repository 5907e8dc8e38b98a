package dev.tokenbus.runtime.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The partitions of a loop whose next record could not be taken. They are paused, and read again
 * from that record when their back-off is over. Of the loop's thread, except {@link #isEmpty}.
 */
final class HeldPartitions {
  private final Backoff backoff;
  private final Map<TopicPartition, Long> resumeAt = new HashMap<>();

  /** Outlives the hold, so that a record that fails again waits longer. */
  private final Map<TopicPartition, Integer> failures = new HashMap<>();

  private volatile boolean empty = true;

  HeldPartitions(Backoff backoff) {
    this.backoff = backoff;
  }

  /** Holds the partition at the record. */
  void hold(Consumer<?, ?> consumer, TopicPartition partition, ConsumerRecord<?, ?> record) {
    int count = failures.merge(partition, 1, Integer::sum);
    resumeAt.put(partition, System.nanoTime() + backoff.after(count).toNanos());
    empty = false;
    consumer.seek(partition, record.offset());
    consumer.pause(List.of(partition));
  }

  /** The partition's record was taken. */
  void taken(TopicPartition partition) {
    if (!failures.isEmpty()) {
      failures.remove(partition);
      empty = failures.isEmpty();
    }
  }

  /** Lets those go on whose time has come. */
  void resumeDue(Consumer<?, ?> consumer) {
    if (resumeAt.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    List<TopicPartition> due = new ArrayList<>();
    resumeAt.forEach((partition, at) -> {
      if (at - now <= 0) {
        due.add(partition);
      }
    });
    resumeAt.keySet().removeAll(due);
    consumer.resume(due);
  }

  /** No longer than the given time, and not beyond the end of the next back-off. */
  Duration pollTime(Duration usual) {
    long now = System.nanoTime();
    long nanos = usual.toNanos();
    for (long at : resumeAt.values()) {
      nanos = Math.min(nanos, Math.max(0, at - now));
    }
    return Duration.ofNanos(nanos);
  }

  /** A new consumer knows nothing of pauses: its partitions are all read at once. */
  void forgetPauses() {
    resumeAt.clear();
  }

  /** Whether every partition goes on. */
  boolean isEmpty() {
    return empty;
  }
}
