package dev.tokenbus.router.inbound;

import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.avro.RequestHeader;
import dev.tokenbus.schemas.serde.TopicSchemas;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads accepted requests by their headers: the body stays undecoded bytes or a reference. A record
 * of 0.1.0, whose header does not tell the model, is looked into for that alone.
 *
 * <p>Thread-safe.
 */
public final class RequestReader implements Deserializer<Inbound> {
  private final Deserializer<RequestHeader> headers;
  private final LegacyRequests legacy;
  private final ReducedHeaders reduced;

  public RequestReader(TopicSchemas schemas) {
    headers = schemas.deserializer(RequestHeader.class);
    legacy = new LegacyRequests(schemas);
    reduced = new ReducedHeaders(schemas);
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out (a tombstone)
  public Inbound deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      RequestHeader header = headers.deserialize(topic, bytes);
      return new Inbound.Accepted(
          header.getModelAsked().isEmpty() ? completed(topic, bytes, header) : header,
          bytes.length);
    } catch (SerializationException e) {
      return new Inbound.UnreadableRequest(reduced.read(topic, bytes, e), bytes.length);
    }
  }

  private RequestHeader completed(String topic, byte[] bytes, RequestHeader header) {
    LegacyRequests.Chat chat = legacy.read(topic, bytes);
    return RequestHeader.newBuilder(header)
        .setModelAsked(chat.model())
        .setFeatures(
            RequestFeatures.newBuilder(header.getFeatures())
                .setStream(chat.stream())
                .setIncludeUsage(chat.includeUsage())
                .setBodyBytes(bytes.length)
                .build())
        .build();
  }
}
