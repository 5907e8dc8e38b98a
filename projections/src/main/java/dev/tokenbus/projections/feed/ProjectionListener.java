package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.Batch;
import dev.tokenbus.projections.store.BatchWriter;
import dev.tokenbus.projections.store.FencedException;
import dev.tokenbus.schemas.serde.Decoded;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
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
 * Writes each polled batch, starting from the offsets that the database holds. Kafka's group
 * offsets are never read.
 *
 * <p>Confined to its container: all calls come from the consumer's thread.
 */
final class ProjectionListener<K, T>
    implements BatchAcknowledgingConsumerAwareMessageListener<byte[], Decoded<T>>,
        ConsumerAwareRebalanceListener {
  private static final Logger log = LoggerFactory.getLogger(ProjectionListener.class);

  private final String projection;
  private final Function<T, K> key;
  private final BatchWriter<K, T> writer;
  private final PartitionPositions positions;
  private final FeedHealth health;

  ProjectionListener(
      Projection<K, T> projection,
      BatchWriter<K, T> writer,
      PartitionPositions positions,
      FeedHealth health) {
    this.projection = projection.name();
    this.key = projection.key();
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
    Batch<K, T> batch = new BatchBuilder<>(key).build(records);
    if (!positions.know(batch.partitions())) {
      // The start offset was a guess. The seek fetches the records again from the stored offset.
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
          .log("batch fenced and rolled back: resuming from the stored offsets");
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
      // An exception would end the rebalance. The first records to arrive read the offsets again.
      health.failed();
      consumer.seekToBeginning(partitions);
      log.atWarn()
          .addKeyValue("projection", projection)
          .addKeyValue("partitions", partitions)
          .addKeyValue("reason", e.toString())
          .log("stored offsets cannot be read yet");
    }
  }

  /** Reads missing offsets while no record arrives that would do so. */
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
