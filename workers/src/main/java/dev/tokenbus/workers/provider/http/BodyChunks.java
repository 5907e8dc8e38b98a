package dev.tokenbus.workers.provider.http;

import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects a body in pieces that are never copied again: a body of 10 MB costs 10 MB, while a
 * growing array would cost 20 to 40. Its length is known, so the request needs no chunked encoding,
 * which some servers refuse.
 *
 * <p>Not thread-safe.
 */
public final class BodyChunks extends OutputStream {
  private static final int FIRST_BYTES = 8 * 1024;
  private static final int LARGEST_BYTES = 1024 * 1024;

  private final List<byte[]> full = new ArrayList<>(0);
  private byte[] current = new byte[FIRST_BYTES];
  private int used;

  @Override
  public void write(int b) {
    if (used == current.length) {
      next();
    }
    current[used++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    int done = 0;
    while (done < length) {
      if (used == current.length) {
        next();
      }
      int fits = Math.min(length - done, current.length - used);
      System.arraycopy(bytes, from + done, current, used, fits);
      used += fits;
      done += fits;
    }
  }

  /** Takes all that remains in the buffer. */
  void write(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (used == current.length) {
        next();
      }
      int fits = Math.min(bytes.remaining(), current.length - used);
      bytes.get(current, used, fits);
      used += fits;
    }
  }

  private void next() {
    full.add(current);
    current = new byte[Math.min(current.length * 4, LARGEST_BYTES)];
    used = 0;
  }

  /** Sends the body once and lets go of what is sent; nothing more can be written or read. */
  public BodyPublisher publisher() {
    if (used > 0) {
      full.add(used == current.length ? current : Arrays.copyOf(current, used));
    }
    List<byte[]> pieces = List.copyOf(full);
    full.clear();
    current = new byte[0];
    used = 0;
    return new OneTimePublisher(pieces);
  }

  public byte[] toByteArray() {
    int length = used;
    for (byte[] piece : full) {
      length += piece.length;
    }
    byte[] bytes = new byte[length];
    int at = 0;
    for (byte[] piece : full) {
      System.arraycopy(piece, 0, bytes, at, piece.length);
      at += piece.length;
    }
    System.arraycopy(current, 0, bytes, at, used);
    return bytes;
  }
}
