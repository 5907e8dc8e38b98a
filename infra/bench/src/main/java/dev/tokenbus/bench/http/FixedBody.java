package dev.tokenbus.bench.http;

import java.nio.ByteBuffer;

/** A body of a known number of bytes. */
final class FixedBody implements BodyDecoder {
  private long left;

  FixedBody(long length) {
    left = length;
  }

  @Override
  public boolean decode(ByteBuffer in, Sink out) throws HttpFormatException {
    int count = (int) Math.min(left, in.remaining());
    if (count > 0) {
      out.bytes(in.slice(in.position(), count));
      in.position(in.position() + count);
      left -= count;
    }
    return left == 0;
  }

  @Override
  public boolean completeAtClose() {
    return left == 0;
  }
}
