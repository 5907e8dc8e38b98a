package dev.tokenbus.bench.http;

import java.nio.ByteBuffer;

/** A body that ends where the peer closes the connection (RFC 9112 section 6.3, item 8). */
final class BodyToClose implements BodyDecoder {
  @Override
  public boolean decode(ByteBuffer in, Sink out) throws HttpFormatException {
    if (in.hasRemaining()) {
      out.bytes(in.slice());
      in.position(in.limit());
    }
    return false;
  }

  @Override
  public boolean completeAtClose() {
    return true;
  }
}
