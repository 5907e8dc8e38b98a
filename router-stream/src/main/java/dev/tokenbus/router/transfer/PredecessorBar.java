package dev.tokenbus.router.transfer;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps instances of the release before from joining their group again: they would go on from
 * offsets of long ago, and run requests a second time. The broker admits a member to a group of its
 * own kind alone, so the group is deleted and its name given to a consumer group, which has no
 * members and holds one offset. That offset is renewed every day, since the broker forgets it, and
 * the group with it, after {@code offsets.retention.minutes}.
 *
 * <p>Thread-safe.
 */
public final class PredecessorBar implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PredecessorBar.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Names a partition that no router reads as a member of a group. */
  private static final Map<TopicPartition, OffsetAndMetadata> OFFSET =
      Map.of(
          new TopicPartition(Topics.WORKERS.name(), 0),
          new OffsetAndMetadata(0, "keeps routers of an earlier release out"));

  private final KafkaSettings kafka;
  private final String predecessor;
  private final ScheduledExecutorService renewals =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("router-predecessor-bar").daemon().factory());

  /**
   * Does nothing yet.
   *
   * @param predecessor the application id of the release before
   */
  public PredecessorBar(KafkaSettings kafka, String predecessor) {
    this.kafka = kafka;
    this.predecessor = predecessor;
    ScheduledFuture<?> _ = renewals.scheduleWithFixedDelay(this::renew, 1, 1, TimeUnit.DAYS);
  }

  /**
   * Makes sure that no instance of the release before can join any more. A broker that does not let
   * this one do so is warned of and not waited for.
   *
   * @return false if an instance of the release before is in its group
   * @throws KafkaException if the broker does not answer
   */
  boolean raise(StreamsGroups groups) {
    try {
      if (groups.ofConsumers(predecessor)) {
        groups.commit(predecessor, OFFSET);
      } else {
        groups.delete(predecessor);
        occupy();
        LOG.atInfo()
            .addKeyValue("predecessor", predecessor)
            .log("instances of the release before cannot join any more");
      }
      return true;
    } catch (GroupNotEmptyException e) {
      return false;
    } catch (AuthorizationException | UnsupportedVersionException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("predecessor", predecessor)
          .log("instances of the release before are not kept out by the broker; start none");
      return true;
    }
  }

  private void occupy() {
    Map<String, Object> settings = kafka.consumer("router-predecessor-bar");
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, predecessor);
    settings.put(
        ConsumerConfig.GROUP_PROTOCOL_CONFIG,
        GroupProtocol.CONSUMER.name().toLowerCase(Locale.ROOT));
    try (KafkaConsumer<byte[], byte[]> member =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      member.subscribe(List.of(Topics.WORKERS.name()));
      long end = System.nanoTime() + LIMIT.toNanos();
      while (member.assignment().isEmpty()) {
        if (System.nanoTime() > end) {
          throw new TimeoutException("Group " + predecessor + " could not be joined");
        }
        // What stands on the topic is of no interest here.
        var _ = member.poll(POLL);
      }
      member.commitSync(OFFSET, LIMIT);
    }
  }

  private void renew() {
    try (Admin admin = Admin.create(kafka.common())) {
      if (!raise(new StreamsGroups(admin))) {
        LOG.atError()
            .addKeyValue("predecessor", predecessor)
            .log("routers of the release before run beside this one; stop them");
      }
    } catch (RuntimeException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("predecessor", predecessor)
          .log("bar against the release before is not renewed; tomorrow is soon enough");
    }
  }

  @Override
  public void close() {
    renewals.shutdownNow();
  }
}
