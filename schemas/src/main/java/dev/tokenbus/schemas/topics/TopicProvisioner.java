package dev.tokenbus.schemas.topics;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Makes the topics that are missing. Safe to run from any number of apps at once; an existing topic
 * is left as it is, with whatever partitions and replication its operator gave it.
 *
 * <p>Thread-safe as far as the given {@link Admin} is.
 */
public final class TopicProvisioner {
  private static final long TIMEOUT_SECONDS = 30;

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
    createMissing(topics.stream().map(TopicProvisioner::newTopic).toList());
  }

  /**
   * As {@link #provision}, for an app's dead letter topic: its records stay as they were in their
   * source.
   */
  public void provisionDeadLetters(String app) {
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

  private void createMissing(List<NewTopic> topics) {
    Map<String, KafkaFuture<Void>> creations = admin.createTopics(topics).values();
    Map<TopicPartition, OffsetSpec> fresh = new HashMap<>();
    for (NewTopic topic : topics) {
      if (created(topic.name(), creations.get(topic.name()))) {
        for (int partition = 0; partition < topic.numPartitions(); partition++) {
          fresh.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
        }
      }
    }
    // A topic is there before the leaders of its partitions take records. A producer whose first
    // batch is refused and whose second is taken cannot bring the first one in order any more: it
    // is lost after the delivery time-out. The admin client asks until every leader answers.
    await("the partitions of new topics", admin.listOffsets(fresh).all());
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
