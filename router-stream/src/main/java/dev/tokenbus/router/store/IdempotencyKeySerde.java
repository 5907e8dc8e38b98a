package dev.tokenbus.router.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbus.router.lifecycle.IdempotencyKey;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Writes the length of the tenant's name, the name, and the key, so that no two pairs have the same
 * bytes.
 */
public final class IdempotencyKeySerde {
  private IdempotencyKeySerde() {}

  public static Serde<IdempotencyKey> create() {
    return Serdes.serdeFrom(
        (topic, key) -> {
          byte[] tenant = key.tenant().getBytes(UTF_8);
          byte[] word = key.key().getBytes(UTF_8);
          return ByteBuffer.allocate(Integer.BYTES + tenant.length + word.length)
              .putInt(tenant.length)
              .put(tenant)
              .put(word)
              .array();
        },
        (topic, bytes) -> {
          int tenant = ByteBuffer.wrap(bytes).getInt();
          int word = Integer.BYTES + tenant;
          return new IdempotencyKey(
              new String(bytes, Integer.BYTES, tenant, UTF_8),
              new String(bytes, word, bytes.length - word, UTF_8));
        });
  }
}
