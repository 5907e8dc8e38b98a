package dev.tokenbus.runtime.kafka;

import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** What a {@link PollLoop} does. Everything is called on the loop's thread. */
public interface PollTask {
  /**
   * Says which partitions are read, each with the offset of the first record that is wanted. Called
   * with the first consumer; if it throws, again after a back-off. A later consumer goes on where
   * the one before it stopped.
   */
  Map<TopicPartition, Long> begin(Consumer<String, byte[]> consumer);

  /**
   * Takes the next record of its partition. Whatever it throws, the same record is handed over
   * again after a back-off and those behind it wait; other partitions go on.
   */
  void take(ConsumerRecord<String, byte[]> record);

  /**
   * Called when the records of a poll have been taken, also if there were none. If it throws, it is
   * called again after a back-off.
   */
  void polled(Consumer<String, byte[]> consumer);
}
