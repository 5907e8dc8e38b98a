package dev.tokenbus.runtime.kafka;

import java.time.Duration;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the followed partitions end, as the broker says right after a poll. Of the follower's
 * thread, and only within the call that it is an argument of.
 */
public final class TopicEnd {
  private static final Logger LOG = LoggerFactory.getLogger(TopicEnd.class);

  private final Consumer<String, byte[]> consumer;
  private final boolean polledRecords;

  /**
   * @param polledRecords whether the poll brought records, and so the newest end offsets with them
   */
  TopicEnd(Consumer<String, byte[]> consumer, boolean polledRecords) {
    this.consumer = consumer;
    this.polledRecords = polledRecords;
  }

  /**
   * Whether everything that stands on the topic has been taken, and the broker is there to say so.
   * An empty poll does not tell silence from a broker that is away, so after one this asks the
   * broker.
   *
   * @param limit how long the broker may take to answer; false if it takes longer
   */
  public boolean reached(Duration limit) {
    Set<TopicPartition> partitions = consumer.assignment();
    // A request for the end would wait behind the next fetch until the next record, after which
    // this consumer would again be behind.
    return polledRecords ? atEnd(consumer) : answersAtEnd(partitions, limit);
  }

  /** Whether everything has been taken that stood on the topic when it was last fetched. */
  static boolean atEnd(Consumer<?, ?> consumer) {
    return consumer.assignment().stream()
        .allMatch(partition -> consumer.currentLag(partition).orElse(1) == 0);
  }

  private boolean answersAtEnd(Set<TopicPartition> partitions, Duration limit) {
    try {
      return consumer.endOffsets(partitions, limit).entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey(), limit) >= end.getValue());
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.atDebug().setCause(e).log("broker does not say where the topic ends");
      return false;
    }
  }
}
