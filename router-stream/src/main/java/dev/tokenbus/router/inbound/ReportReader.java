package dev.tokenbus.router.inbound;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptEventHeader;
import dev.tokenbus.schemas.serde.TopicSchemas;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the workers' reports; of one with a newer version's event, its header.
 *
 * <p>Thread-safe.
 */
public final class ReportReader implements Deserializer<Inbound> {
  private final Deserializer<AttemptEvent> events;
  private final Deserializer<AttemptEventHeader> headers;

  public ReportReader(TopicSchemas schemas) {
    events = schemas.deserializer(AttemptEvent.class);
    headers = schemas.deserializer(AttemptEventHeader.class);
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out (a tombstone)
  public Inbound deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      return new Inbound.Report(events.deserialize(topic, bytes));
    } catch (SerializationException unreadable) {
      try {
        return new Inbound.UnreadableReport(headers.deserialize(topic, bytes));
      } catch (SerializationException e) {
        unreadable.addSuppressed(e);
        throw unreadable;
      }
    }
  }
}
