package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.state.StoredKeyOwner;
import dev.tokenbus.schemas.RequestId;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Converts the owners of idempotency keys to stored records and back. */
final class IdempotencyCodec {
  private IdempotencyCodec() {}

  static StoredKeyOwner stored(IdempotencyEntry owner) {
    return new StoredKeyOwner(
        owner.request().toString(), owner.offset(), hash(owner.bodyHash()), owner.until());
  }

  static IdempotencyEntry owner(StoredKeyOwner stored) {
    return new IdempotencyEntry(
        RequestId.parse(stored.getRequestId()),
        stored.getOffset(),
        hash(stored.getBodyHash()),
        stored.getUntil());
  }

  static ByteBuffer hash(String hexadecimal) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hexadecimal));
  }

  static String hash(ByteBuffer stored) {
    byte[] bytes = new byte[stored.remaining()];
    stored.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
