package dev.tokenbus.bench.http;

import java.nio.ByteBuffer;

/**
 * Hears one answer as it arrives, on the loop's thread; exactly one of the last two calls ends it.
 */
public interface ResponseListener {
  /** The status line and fields are there. */
  void onHead(int status, HeaderFields headers);

  /** A part of the decoded body; the buffer is only valid during the call. */
  void onBody(ByteBuffer data);

  /** The answer ended as HTTP says it must. */
  void onComplete();

  /** The answer broke off; {@code reason} is a short constant phrase fit for counting. */
  void onFailure(String reason);
}
