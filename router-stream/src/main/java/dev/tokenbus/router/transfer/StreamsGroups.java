package dev.tokenbus.router.transfer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the broker knows of Kafka Streams groups and their topics.
 *
 * <p>Thread-safe as far as the given {@link Admin} is.
 */
final class StreamsGroups {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsGroups.class);
  private static final long TIMEOUT_SECONDS = 30;

  private final Admin admin;

  StreamsGroups(Admin admin) {
    this.admin = admin;
  }

  /** The number of members of a group; 0 where there is no such group. */
  int members(String group) {
    try {
      return get(admin.describeStreamsGroups(List.of(group)).all(), "describe group " + group)
          .values()
          .stream()
          .mapToInt(description -> description.members().size())
          .sum();
    } catch (GroupIdNotFoundException e) {
      return 0;
    }
  }

  /** Whether the group is one of consumers, and so refuses members of Kafka Streams. */
  boolean ofConsumers(String group) {
    try {
      return get(admin.describeConsumerGroups(List.of(group)).all(), "describe group " + group)
          .values()
          .stream()
          .anyMatch(description -> description.type() == GroupType.CONSUMER);
    } catch (GroupIdNotFoundException e) {
      return false;
    }
  }

  /**
   * Deletes the group, of whatever kind, if there is one.
   *
   * @throws org.apache.kafka.common.errors.GroupNotEmptyException if it has members
   */
  void delete(String group) {
    try {
      get(admin.deleteConsumerGroups(List.of(group)).all(), "delete group " + group);
    } catch (GroupIdNotFoundException e) {
      LOG.atDebug().addKeyValue("group", group).log("there is no such group to delete");
    }
  }

  /** Commits offsets for a group without members. */
  void commit(String group, Map<TopicPartition, OffsetAndMetadata> offsets) {
    get(
        admin.alterConsumerGroupOffsets(group, offsets).all(),
        "commit the offsets of group " + group);
  }

  /** The offsets that a group has committed. */
  Map<TopicPartition, OffsetAndMetadata> committed(String group) {
    Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    try {
      get(
              admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
              "list the offsets of group " + group)
          .forEach((partition, offset) -> {
            if (offset != null) {
              committed.put(partition, offset);
            }
          });
    } catch (GroupIdNotFoundException e) {
      return Map.of();
    }
    return committed;
  }

  int partitions(String topic) {
    return get(admin.describeTopics(List.of(topic)).allTopicNames(), "describe topic " + topic)
        .values()
        .stream()
        .mapToInt(description -> description.partitions().size())
        .sum();
  }

  boolean exists(String topic) {
    return get(admin.listTopics().names(), "list topics").contains(topic);
  }

  /** The transaction that is open under a transactional id, if one is. */
  Optional<TransactionDescription> openTransaction(String transactionalId) {
    try {
      return Optional.of(
              get(
                  admin.describeTransactions(List.of(transactionalId)).description(transactionalId),
                  "describe transaction " + transactionalId))
          .filter(transaction -> transaction.state() == TransactionState.ONGOING);
    } catch (TransactionalIdNotFoundException e) {
      return Optional.empty();
    }
  }

  /** How many records there have been on a topic, those of open transactions included. */
  long written(String topic) {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < partitions(topic); partition++) {
      ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
    }
    return get(admin.listOffsets(ends).all(), "list the ends of " + topic).values().stream()
        .mapToLong(ListOffsetsResultInfo::offset)
        .sum();
  }

  /** Creates the topic unless it is there. */
  void create(String topic, int partitions, Map<String, String> settings) {
    try {
      get(
          admin
              .createTopics(List.of(new NewTopic(topic, partitions, (short) -1).configs(settings)))
              .all(),
          "create topic " + topic);
    } catch (TopicExistsException e) {
      if (partitions(topic) != partitions) {
        throw new IllegalStateException(
            "Topic " + topic + " must have " + partitions + " partitions", e);
      }
    }
  }

  private static <T> T get(KafkaFuture<T> future, String purpose) {
    try {
      return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException("Cannot " + purpose, e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("The broker does not answer: cannot " + purpose, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted: cannot " + purpose, e);
    }
  }
}
