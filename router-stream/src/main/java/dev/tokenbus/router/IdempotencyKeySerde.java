package dev.tokenbus.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbus.router.lifecycle.IdempotencyKey;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** The length of the tenant's name, the name, the key: no name can run into a key. */
final class IdempotencyKeySerde {
  private IdempotencyKeySerde() {}

  static Serde<IdempotencyKey> create() {
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
