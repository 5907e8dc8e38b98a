package dev.tokenbus.bench.http;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Gathers the bytes of a body, without a copy where its length is known. */
final class BodyBytes {
  private static final byte[] NONE = {};

  private byte[] bytes = NONE;
  private int size;

  /** So many bytes will come, unless the peer lies. */
  void expect(int length) {
    bytes = Arrays.copyOf(bytes, Math.max(length, size));
  }

  void add(ByteBuffer data) {
    int count = data.remaining();
    if (size + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
    }
    data.get(bytes, size, count);
    size += count;
  }

  int size() {
    return size;
  }

  /** All bytes, which are no longer held here. */
  byte[] take() {
    byte[] all = size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    bytes = NONE;
    size = 0;
    return all;
  }
}
