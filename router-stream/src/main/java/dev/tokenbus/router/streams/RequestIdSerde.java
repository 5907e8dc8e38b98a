package dev.tokenbus.router.streams;

import dev.tokenbus.schemas.RequestId;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Writes a request id as its 16 bytes, which sort by time of acceptance. */
public final class RequestIdSerde {
  private RequestIdSerde() {}

  public static Serde<RequestId> create() {
    return Serdes.serdeFrom(
        (topic, id) ->
            ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.value().getMostSignificantBits())
                .putLong(id.value().getLeastSignificantBits())
                .array(),
        (topic, bytes) -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          return new RequestId(new UUID(buffer.getLong(), buffer.getLong()));
        });
  }
}
