package dev.tokenbus.router.processing;

import dev.tokenbus.router.inbound.ReportReader;
import dev.tokenbus.router.inbound.RequestReader;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * The router's topology: one processor reads {@code requests} and {@code attempts}, both keyed by
 * lane, and has one store. Whatever is to be kept later gets a namespace of that store ({@link
 * dev.tokenbus.router.store.StateKey}) and no store of its own: the streams group protocol of Kafka
 * 4.3 refuses a member whose topology differs, so a change of names or settings here needs a new
 * application id and an import.
 */
public final class RouterTopology {
  public static final String STORE = "state";
  static final String REPLIES = "replies";
  static final String WORK = "work";
  static final String OUTCOMES = "outcomes";
  static final String CONTROL = "control";
  private static final String PROCESSOR = "request";

  /**
   * Most requests live for seconds, so the changelog is compacted early and often: a new owner of
   * the task restores some tens of megabytes at most. A restoration must end within {@code
   * delete.retention.ms}.
   */
  public static final Map<String, String> CHANGELOG =
      Map.of(
          "segment.bytes", "16777216",
          "min.cleanable.dirty.ratio", "0.1",
          "delete.retention.ms", "600000");

  private RouterTopology() {}

  /** Builds the topology for processors that the supplier makes, one per task. */
  public static Topology build(TopicSchemas schemas, Supplier<RequestProcessor> processor) {
    Serializer<SpecificRecord> serializer = schemas.serializer();
    StringSerializer keys = new StringSerializer();
    return new Topology()
        .addSource(
            "requests-source",
            new StringDeserializer(),
            new RequestReader(schemas),
            Topics.REQUESTS.name())
        .addSource(
            "attempts-source",
            new StringDeserializer(),
            new ReportReader(schemas),
            Topics.ATTEMPTS.name())
        .addProcessor(PROCESSOR, processor::get, "requests-source", "attempts-source")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(CHANGELOG),
            PROCESSOR)
        .addSink(
            REPLIES,
            Topics.REPLIES.name(),
            keys,
            serializer,
            (topic, requestId, reply, partitions) -> replyPartition(requestId, partitions),
            PROCESSOR)
        .addSink(
            WORK, (requestId, work, recordContext) -> workTopic(work), keys, serializer, PROCESSOR)
        .addSink(OUTCOMES, Topics.OUTCOMES.name(), keys, serializer, PROCESSOR)
        .addSink(CONTROL, Topics.CONTROL.name(), keys, serializer, PROCESSOR);
  }

  private static Optional<Set<Integer>> replyPartition(String requestId, int partitions) {
    // No ingress of this cluster makes an id with a partition that does not exist; such an id must
    // not stop the other requests.
    return Optional.of(Set.of(RequestId.parse(requestId).replyPartition() % partitions));
  }

  private static String workTopic(SpecificRecord work) {
    AttemptDispatched attempt = (AttemptDispatched) work;
    return Topics.work(attempt.getProvider(), attempt.getPriority()).name();
  }
}
