package dev.tokenbus.ingress;

import dev.tokenbus.ingress.chat.BodyProducer;
import dev.tokenbus.ingress.chat.RequestProducer;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.ingress.replies.live.ReplyBridges;
import dev.tokenbus.ingress.replies.log.ReplyLog;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.lifecycle.Closing;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Everything of an ingress instance that is connected to the log. Thread-safe. */
final class LogConnections implements AutoCloseable {
  private final Closing parts;
  private final ReplyBridges bridges;
  private final BrokerWatch broker;
  private final ReplyLog replyLog;
  private final RequestProducer requests;
  private final BodyProducer bodies;

  private LogConnections(AppContext context, String instanceId, Closing parts) {
    this.parts = parts;
    KafkaSettings kafka = context.kafka();
    RecordDecoder<Reply> decoder =
        context.schemas().decoder(Reply.class).withHeader(ReplyHeader.class);
    int partitions = replyPartitions(kafka);
    bridges =
        parts.add(
            ReplyBridges.start(
                () -> kafka.consumer("ingress-replies"),
                decoder,
                partition(partitions, instanceId),
                partitions));
    broker = new BrokerWatch(bridges.own());
    replyLog = parts.add(ReplyLog.start(kafka, context.schemas()));
    requests = parts.add(new RequestProducer(kafka, context.schemas(), context.clock()));
    bodies = parts.add(new BodyProducer(kafka, broker));
  }

  /**
   * Connects.
   *
   * @param instanceId its hash decides which partition of {@code replies} the instance reads
   */
  static LogConnections open(AppContext context, String instanceId) {
    Closing parts = new Closing();
    try {
      return new LogConnections(context, instanceId, parts);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  ReplyBridges bridges() {
    return bridges;
  }

  BrokerWatch broker() {
    return broker;
  }

  ReplyLog replyLog() {
    return replyLog;
  }

  RequestProducer requests() {
    return requests;
  }

  BodyProducer bodies() {
    return bodies;
  }

  @Override
  public void close() {
    parts.close();
  }

  private static int replyPartitions(KafkaSettings kafka) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer("ingress-partitions"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      int partitions = consumer.partitionsFor(Topics.REPLIES.name()).size();
      return Math.min(partitions, RequestId.MAX_REPLY_PARTITIONS);
    }
  }

  private static int partition(int partitions, String instanceId) {
    CRC32 hash = new CRC32();
    hash.update(instanceId.getBytes(StandardCharsets.UTF_8));
    return (int) (hash.getValue() % partitions);
  }
}
