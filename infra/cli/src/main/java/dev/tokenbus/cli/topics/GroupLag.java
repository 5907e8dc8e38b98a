package dev.tokenbus.cli.topics;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;

/**
 * How many records of a topic a group has yet to read.
 *
 * @param group empty if no group reads the topic
 */
record GroupLag(String group, long records) {
  static final GroupLag NONE = new GroupLag("", 0);

  /**
   * By topic, the group that is furthest behind.
   *
   * @param ends of all partitions
   */
  static Map<String, GroupLag> largestByTopic(Admin admin, Map<TopicPartition, Long> ends)
      throws ExecutionException, InterruptedException {
    Map<String, GroupLag> largest = new HashMap<>();
    for (GroupListing group : admin.listGroups().all().get()) {
      ofGroup(admin, group, ends)
          .forEach((topic, records) ->
              largest.merge(
                  topic,
                  new GroupLag(group.groupId(), records),
                  (one, other) ->
                      Comparator.comparingLong(GroupLag::records).compare(one, other) >= 0
                          ? one
                          : other));
    }
    return largest;
  }

  private static Map<String, Long> ofGroup(
      Admin admin, GroupListing group, Map<TopicPartition, Long> ends)
      throws ExecutionException, InterruptedException {
    return sumByTopic(ends, positions(admin, group));
  }

  private static Map<TopicPartition, Long> positions(Admin admin, GroupListing group)
      throws ExecutionException, InterruptedException {
    String id = group.groupId();
    Map<TopicPartition, Long> positions = new HashMap<>();
    if (group.type().filter(GroupType.SHARE::equals).isPresent()) {
      admin
          .listShareGroupOffsets(Map.of(id, new ListShareGroupOffsetsSpec()))
          .partitionsToOffsetInfo(id)
          .get()
          .forEach((partition, offset) -> {
            if (offset != null) {
              positions.put(partition, offset.startOffset());
            }
          });
    } else {
      // Streams groups keep their offsets as consumer groups do.
      admin
          .listConsumerGroupOffsets(id)
          .partitionsToOffsetAndMetadata()
          .get()
          .forEach((partition, offset) -> {
            if (offset != null) {
              positions.put(partition, offset.offset());
            }
          });
    }
    return positions;
  }

  private static Map<String, Long> sumByTopic(
      Map<TopicPartition, Long> ends, Map<TopicPartition, Long> positions) {
    Map<String, Long> lags = new HashMap<>();
    positions.forEach((partition, position) -> {
      Long end = ends.get(partition);
      if (end != null) {
        lags.merge(partition.topic(), Math.max(0, end - position), Long::sum);
      }
    });
    return lags;
  }
}
