package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Receives one body. It takes room before it takes memory: at once where the length was announced,
 * otherwise before the array grows over a bound. Confined to the request's thread.
 */
final class BodyReceipt {
  /** A body of this size takes no room: as many as there are requests in flight fit the heap. */
  static final int FREE_BYTES = 64 * 1024;

  /** A body above this size takes so long to prepare that it goes through threads of its own. */
  static final int MEDIUM_BYTES = 256 * 1024;

  private static final int FIRST_BYTES = 8 * 1024;
  private static final int GROWTH = 4;

  private final InputStream in;
  private final ReceiptRoom medium;
  private final ReceiptRoom large;
  private final ReceiptLimit limit;
  private final Runnable roomTaken;
  private Runnable release = () -> {};
  private int roomBytes = FREE_BYTES;
  private byte[] bytes = {};
  private int length;

  /**
   * Creates a receipt.
   *
   * @param roomTaken runs each time the body has got room, before it is read on
   */
  BodyReceipt(
      InputStream in,
      ReceiptRoom medium,
      ReceiptRoom large,
      ReceiptLimit limit,
      Runnable roomTaken) {
    this.in = in;
    this.medium = medium;
    this.large = large;
    this.limit = limit;
    this.roomTaken = roomTaken;
  }

  /**
   * Reads the body to its end.
   *
   * @param announced the length that HTTP's framing will hold; negative if it is not known
   * @param maxBytes a larger body is refused; the announced length is not larger
   * @throws ProblemException 413, 408 if it comes too slowly, or 503 if there is no room
   * @throws IOException if the client has gone or stalls
   */
  RequestBody read(long announced, int maxBytes) throws IOException, InterruptedException {
    // A byte beyond the limit shows a body that is too large.
    int most = announced >= 0 ? (int) announced : maxBytes + 1;
    boolean received = false;
    try {
      grow(announced > FREE_BYTES ? most : Math.min(most, FIRST_BYTES));
      while (fill() && bytes.length < most) {
        grow(Math.min(most, next()));
      }
      if (length > maxBytes) {
        throw tooLarge(maxBytes);
      }
      received = true;
      return new RequestBody(
          length == bytes.length ? bytes : Arrays.copyOf(bytes, length), release);
    } finally {
      if (!received) {
        release.run();
      }
    }
  }

  private int next() {
    if (bytes.length < FREE_BYTES) {
      return Math.min(FREE_BYTES, bytes.length * GROWTH);
    }
    return bytes.length < MEDIUM_BYTES ? MEDIUM_BYTES : Integer.MAX_VALUE;
  }

  private void grow(int size) throws InterruptedException {
    if (size > roomBytes) {
      Runnable earlier = release;
      release = (size > MEDIUM_BYTES ? large : medium).take(size);
      roomBytes = size;
      earlier.run();
      limit.roomTaken(length);
      roomTaken.run();
    }
    bytes = Arrays.copyOf(bytes, size);
  }

  /** Fills the array; returns false if the body has ended before it was full. */
  private boolean fill() throws IOException {
    while (length < bytes.length) {
      int count = in.read(bytes, length, bytes.length - length);
      if (count < 0) {
        return false;
      }
      length += count;
      limit.check(length);
    }
    return true;
  }

  static ProblemException tooLarge(int maxBytes) {
    return new ProblemException(
        Problem.of(
            ErrorCode.REQUEST_TOO_LARGE,
            "The request body is larger than the limit of " + maxBytes + " bytes."));
  }
}
