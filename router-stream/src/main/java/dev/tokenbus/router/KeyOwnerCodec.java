package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.KeyOwner;
import dev.tokenbus.router.state.StoredKeyOwner;
import dev.tokenbus.schemas.RequestId;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Translates the owners of idempotency keys to what the store holds, and back. */
final class KeyOwnerCodec {
  private KeyOwnerCodec() {}

  static StoredKeyOwner stored(KeyOwner owner) {
    return new StoredKeyOwner(
        owner.request().toString(), owner.offset(), hash(owner.bodyHash()), owner.until());
  }

  static KeyOwner owner(StoredKeyOwner stored) {
    return new KeyOwner(
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
