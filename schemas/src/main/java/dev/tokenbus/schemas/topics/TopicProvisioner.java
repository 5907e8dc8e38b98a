package dev.tokenbus.schemas.topics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the topics that are missing. Safe to run from any number of apps at once; an existing topic
 * is left as it is, with whatever partitions, replication and settings its operator gave it. Only
 * settings that a release has added, and that the topic has no value of its own for, are given to
 * it: otherwise they would reach no installation that is upgraded.
 *
 * <p>Thread-safe as far as the given {@link Admin} is.
 */
public final class TopicProvisioner {
  private static final Logger LOG = LoggerFactory.getLogger(TopicProvisioner.class);
  private static final long TIMEOUT_SECONDS = 30;

  private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** What 0.2.0 gives topics and 0.1.0 did not. */
  private static final List<String> ADDED = List.of("segment.ms", "min.cleanable.dirty.ratio");

  private final Admin admin;

  public TopicProvisioner(Admin admin) {
    this.admin = admin;
  }

  /**
   * Returns when every one of the topics exists and those that were missing take records.
   *
   * @throws IllegalStateException if the broker refuses one, or does not answer within 30 s
   */
  public void provision(Collection<Topic> topics) {
    Set<String> made = createMissing(topics.stream().map(TopicProvisioner::newTopic).toList());
    supplement(topics.stream().filter(topic -> !made.contains(topic.name())).toList());
  }

  /**
   * As {@link #provision}, for an app's dead letter topic: its records stay as they were in their
   * source.
   */
  public void provisionDeadLetters(String app) {
    Set<String> _ =
        createMissing(
            List.of(
                newTopic(
                    Topics.deadLetters(app),
                    1,
                    Map.of(
                        "retention.ms",
                        Long.toString(TimeUnit.DAYS.toMillis(30)),
                        "max.message.bytes",
                        Integer.toString(Topics.LARGE_RECORD_BYTES)))));
  }

  /** Returns the names of those it has made. */
  private Set<String> createMissing(List<NewTopic> topics) {
    Map<String, KafkaFuture<Void>> creations = admin.createTopics(topics).values();
    Map<TopicPartition, OffsetSpec> fresh = new HashMap<>();
    Set<String> made = new HashSet<>();
    for (NewTopic topic : topics) {
      KafkaFuture<Void> creation = Objects.requireNonNull(creations.get(topic.name()));
      if (created(topic.name(), creation)) {
        made.add(topic.name());
        for (int partition = 0; partition < topic.numPartitions(); partition++) {
          fresh.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
        }
      }
    }
    // A topic is there before the leaders of its partitions take records. A producer whose first
    // batch is refused and whose second is taken cannot bring the first one in order any more: it
    // is lost after the delivery time-out. The admin client asks until every leader answers.
    awaitLeaders(fresh);
    return made;
  }

  /** The broker that is asked may hear of a topic a moment after the one that made it. */
  private void awaitLeaders(Map<TopicPartition, OffsetSpec> fresh) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (true) {
      try {
        await("the partitions of new topics", admin.listOffsets(fresh).all());
        return;
      } catch (IllegalStateException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() - until > 0) {
          throw e;
        }
        LockSupport.parkNanos(ASK_AGAIN_NANOS);
      }
    }
  }

  /**
   * Gives topics what a release has added. An app that may not change topics runs without: the
   * settings bound how long records stay on disk and no more.
   */
  private void supplement(List<Topic> topics) {
    Map<ConfigResource, Topic> byResource = new HashMap<>();
    for (Topic topic : topics) {
      byResource.put(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), topic);
    }
    try {
      Map<ConfigResource, Collection<AlterConfigOp>> missing = new HashMap<>();
      admin
          .describeConfigs(byResource.keySet())
          .all()
          .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
          .forEach((resource, config) -> {
            List<AlterConfigOp> changes =
                missing(Objects.requireNonNull(byResource.get(resource)), config);
            if (!changes.isEmpty()) {
              missing.put(resource, changes);
            }
          });
      if (!missing.isEmpty()) {
        admin.incrementalAlterConfigs(missing).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        LOG.atInfo()
            .addKeyValue("topics", missing.keySet().stream().map(ConfigResource::name).toList())
            .addKeyValue("settings", ADDED)
            .log("topics of an earlier release have got the settings of this one");
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.atWarn()
          .addKeyValue("settings", ADDED)
          .setCause(e)
          .log("settings that this release adds could not be given to topics");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for settings of topics", e);
    }
  }

  private static List<AlterConfigOp> missing(Topic topic, Config config) {
    List<AlterConfigOp> changes = new ArrayList<>();
    for (String name : ADDED) {
      String value = topic.settings().get(name);
      ConfigEntry entry = config.get(name);
      boolean own =
          entry != null && entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
      if (value != null && !own) {
        changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET));
      }
    }
    return changes;
  }

  /** Returns false where the topic was there before. */
  private static boolean created(String name, KafkaFuture<Void> creation) {
    try {
      await("topic " + name, creation);
      return true;
    } catch (TopicExistsException e) {
      return false;
    }
  }

  private static void await(String what, KafkaFuture<?> done) {
    try {
      done.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException exists) {
        throw exists;
      }
      throw new IllegalStateException("The broker cannot make " + what, e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The broker did not make " + what + " in " + TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + what, e);
    }
  }

  private static NewTopic newTopic(Topic topic) {
    return newTopic(topic.name(), topic.partitions(), topic.settings());
  }

  private static NewTopic newTopic(String name, int partitions, Map<String, String> settings) {
    // Replication is the broker's default.replication.factor: 1 on a laptop, 3 in production.
    return new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(settings);
  }
}
