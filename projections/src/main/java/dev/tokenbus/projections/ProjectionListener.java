package dev.tokenbus.projections;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.BatchAcknowledgingConsumerAwareMessageListener;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;
import org.springframework.kafka.support.Acknowledgment;

/**
 * Writes down what its consumer reads, from where the database says that the partitions stand. What
 * Kafka's group has as offsets never decides anything.
 *
 * <p>For one container: all calls come from its consumer's thread.
 */
final class ProjectionListener<T>
    implements BatchAcknowledgingConsumerAwareMessageListener<byte[], Decoded<T>>,
        ConsumerAwareRebalanceListener {
  private static final Logger log = LoggerFactory.getLogger(ProjectionListener.class);

  private final String projection;
  private final BatchWriter<T> writer;
  private final PartitionPositions positions;
  private final FeedHealth health;

  ProjectionListener(
      String projection, BatchWriter<T> writer, PartitionPositions positions, FeedHealth health) {
    this.projection = projection;
    this.writer = writer;
    this.positions = positions;
    this.health = health;
  }

  @Override
  public void onMessage(
      List<ConsumerRecord<byte[], Decoded<T>>> records,
      @Nullable Acknowledgment acknowledgment,
      @Nullable Consumer<?, ?> consumer) {
    Objects.requireNonNull(acknowledgment, "ack mode is MANUAL");
    Objects.requireNonNull(consumer, "the container gives its consumer");
    Batch<T> batch = Batch.of(records);
    if (!positions.know(batch.partitions())) {
      // Polled from a guess: the same records come again from the right place.
      positions.readAndSeek(consumer, batch.partitions());
      health.positioned();
      return;
    }
    try {
      writer.write(batch, positions.asMap());
    } catch (FencedException e) {
      log.atWarn()
          .addKeyValue("projection", projection)
          .addKeyValue("reason", e.getMessage())
          .log("another instance was faster: rolled back, going on from where it stands");
      positions.readAndSeek(consumer, batch.partitions());
      return;
    }
    positions.moved(batch.next());
    health.succeeded();
    acknowledgment.acknowledge();
    log.atDebug()
        .addKeyValue("projection", projection)
        .addKeyValue("rows", batch.rows().size())
        .log("batch written");
  }

  @Override
  public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    try {
      positions.readAndSeek(consumer, partitions);
      health.positioned();
      log.atInfo()
          .addKeyValue("projection", projection)
          .addKeyValue("partitions", partitions)
          .log("partitions assigned");
    } catch (RuntimeException e) {
      // Thrown from here it would end the rebalance. The first records that come ask again.
      health.failed();
      consumer.seekToBeginning(partitions);
      log.atWarn()
          .addKeyValue("projection", projection)
          .addKeyValue("partitions", partitions)
          .addKeyValue("reason", e.toString())
          .log("cannot tell yet where the partitions stand");
    }
  }

  /** Called from time to time while nothing comes: there may be no record that would ask again. */
  void onIdle(Consumer<?, ?> consumer) {
    if (!positions.know(consumer.assignment())) {
      positions.readAndSeek(consumer, consumer.assignment());
    }
    health.positioned();
    health.succeeded();
  }

  @Override
  public void onPartitionsRevokedAfterCommit(
      Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    positions.forget(partitions);
  }

  @Override
  public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    positions.forget(partitions);
  }
}
