package dev.tokenbus.cli.topics;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * How full a topic is, and how far its slowest reader is behind.
 *
 * @param bytes on all brokers' disks together
 * @param group the consumer group with the largest lag; empty if no group reads the topic
 */
public record TopicState(int partitions, long records, long bytes, long lag, String group) {

  /** All topics but Kafka's own, in the order of their names. */
  public static Map<String, TopicState> read(Admin admin)
      throws ExecutionException, InterruptedException {
    Set<String> names = new HashSet<>(admin.listTopics().names().get());
    names.removeIf(name -> name.startsWith("__"));
    Set<TopicPartition> partitions = new HashSet<>();
    Set<Integer> brokers = new HashSet<>();
    admin
        .describeTopics(names)
        .allTopicNames()
        .get()
        .forEach((name, topic) -> {
          for (TopicPartitionInfo partition : topic.partitions()) {
            partitions.add(new TopicPartition(name, partition.partition()));
            partition.replicas().stream().map(Node::id).forEach(brokers::add);
          }
        });
    Map<TopicPartition, Long> ends = offsets(admin, partitions, OffsetSpec::latest);
    Map<TopicPartition, Long> starts = offsets(admin, partitions, OffsetSpec::earliest);
    Map<String, Long> bytes = bytes(admin, brokers);
    Map<String, GroupLag> lags = GroupLag.largestByTopic(admin, ends);
    Map<String, TopicState> states = new TreeMap<>();
    for (String name : names) {
      GroupLag lag = lags.getOrDefault(name, GroupLag.NONE);
      long records = 0;
      int count = 0;
      for (TopicPartition partition : partitions) {
        if (partition.topic().equals(name)) {
          count++;
          records += ends.getOrDefault(partition, 0L) - starts.getOrDefault(partition, 0L);
        }
      }
      states.put(
          name,
          new TopicState(count, records, bytes.getOrDefault(name, 0L), lag.records(), lag.group()));
    }
    return states;
  }

  private static Map<TopicPartition, Long> offsets(
      Admin admin, Set<TopicPartition> partitions, Supplier<OffsetSpec> which)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, which.get()));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> found :
        admin.listOffsets(wanted).all().get().entrySet()) {
      offsets.put(found.getKey(), found.getValue().offset());
    }
    return offsets;
  }

  private static Map<String, Long> bytes(Admin admin, Set<Integer> brokers)
      throws ExecutionException, InterruptedException {
    Map<String, Long> bytes = new HashMap<>();
    for (Map<String, LogDirDescription> directories :
        admin.describeLogDirs(brokers).allDescriptions().get().values()) {
      for (LogDirDescription directory : directories.values()) {
        for (Map.Entry<TopicPartition, ReplicaInfo> replica : directory.replicaInfos().entrySet()) {
          bytes.merge(replica.getKey().topic(), replica.getValue().size(), Long::sum);
        }
      }
    }
    return bytes;
  }
}
