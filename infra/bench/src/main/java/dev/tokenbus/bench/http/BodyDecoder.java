package dev.tokenbus.bench.http;

import java.nio.ByteBuffer;

/** Finds the end of a message body (RFC 9112 section 6) and hands its bytes on. */
sealed interface BodyDecoder permits ChunkedBody, FixedBody, BodyToClose {
  /** Takes what belongs to the body; returns whether its end was reached. */
  boolean decode(ByteBuffer in, Sink out) throws HttpFormatException;

  /** Whether a body may end here because the peer closed. */
  boolean completeAtClose();

  /** Takes body bytes; the buffer is only valid during the call. */
  @FunctionalInterface
  interface Sink {
    void bytes(ByteBuffer data) throws HttpFormatException;
  }

  /** The decoder that the fields ask for; {@code otherwise} where they name no length. */
  static BodyDecoder of(HeaderFields headers, BodyDecoder otherwise) throws HttpFormatException {
    boolean chunked = headers.lists("Transfer-Encoding", "chunked");
    String length = headers.first("Content-Length").orElse("");
    if (chunked) {
      if (!length.isEmpty()) {
        throw new HttpFormatException(400, "both Transfer-Encoding and Content-Length");
      }
      return new ChunkedBody();
    }
    if (headers.first("Transfer-Encoding").isPresent()) {
      throw new HttpFormatException(501, "only Transfer-Encoding: chunked is understood");
    }
    if (length.isEmpty()) {
      return otherwise;
    }
    if (!length.matches("[0-9]{1,18}")) {
      throw new HttpFormatException(400, "Content-Length is not a number: " + length);
    }
    return new FixedBody(Long.parseLong(length));
  }
}
