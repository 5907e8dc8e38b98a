package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.RequestHeader;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Lets a client send a request again without having it run again.
 *
 * @param key the value of the client's header
 * @param bodyHash SHA-256 of the body as received, in hexadecimal digits; tells a repeat from
 *     another request under the same key
 */
public record Idempotency(String key, String bodyHash) {

  /** Null where the client has sent no key. */
  static @Nullable Idempotency of(RequestHeader accepted) {
    String key = accepted.getIdempotencyKey();
    return key == null ? null : new Idempotency(key, hexadecimal(accepted.getBodyHash()));
  }

  private static String hexadecimal(@Nullable ByteBuffer hash) {
    if (hash == null) {
      return "";
    }
    byte[] bytes = new byte[hash.remaining()];
    hash.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
