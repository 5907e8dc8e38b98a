package dev.tokenbus.router.metering;

import dev.tokenbus.router.streams.RequestIdSerde;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** The topology from {@code outcomes}, through the store of metered ids, to {@code usage}. */
public final class MeteringTopology {
  static final String STORE = "metered";

  private MeteringTopology() {}

  public static Topology build(TopicSchemas schemas, Duration retention) {
    Serializer<UsageRecorded> usage = schemas.serializer();
    return new Topology()
        .addSource(
            "outcomes-source",
            new StringDeserializer(),
            schemas.deserializer(RequestFinished.class),
            Topics.OUTCOMES.name())
        .addProcessor("meter", () -> new MeteringProcessor(retention), "outcomes-source")
        .addStateStore(
            // The store keeps ids in segments by time of acceptance, and drops old segments whole.
            Stores.windowStoreBuilder(
                Stores.persistentWindowStore(STORE, retention, Duration.ofMillis(1), false),
                RequestIdSerde.create(),
                Serdes.String()),
            "meter")
        .addSink("usage", Topics.USAGE.name(), new StringSerializer(), usage, "meter");
  }
}
