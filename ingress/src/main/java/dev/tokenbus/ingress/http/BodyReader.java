package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads request bodies up to a limit, which counts the bytes received and does not trust a header.
 * It reads a large body only while the heap has room for one, so that no number of them fills it.
 *
 * <p>Thread-safe; blocks the request's own thread.
 */
public final class BodyReader {
  private static final int SMALL_BYTES = 256 * 1024;
  private static final int FIRST_BYTES = 8 * 1024;

  /**
   * Of the heap, what bodies may take that are being received or wait to be prepared. Those that
   * are prepared and written are few at a time, and take four times their size meanwhile.
   */
  private static final int PART_OF_HEAP = 8;

  private static final int PERMIT_BYTES = 1024;
  private static final Duration DISCARD = Duration.ofSeconds(5);
  private static final long DISCARD_BYTES = 64L * 1024 * 1024;

  private final int maxBytes;
  private final Duration patience;
  private final int permits;
  private final Semaphore room;

  /**
   * Creates a reader.
   *
   * @param maxBytes a larger body is refused
   * @param patience how long a large body waits for room in the heap
   * @param heapBytes the size of the heap; large bodies may take a part of it
   */
  public BodyReader(int maxBytes, Duration patience, long heapBytes) {
    this.maxBytes = maxBytes;
    this.patience = patience;
    long bytes = Math.max(2L * maxBytes, heapBytes / PART_OF_HEAP);
    permits = (int) Math.min(Integer.MAX_VALUE, bytes / PERMIT_BYTES);
    room = new Semaphore(permits, true);
  }

  /**
   * Reads the whole body of a JSON request.
   *
   * @throws ProblemException 415 or 413; 503 if there is no room for a large body
   * @throws IOException if the client has gone
   */
  public RequestBody read(HttpServletRequest request) throws IOException, InterruptedException {
    requireJson(request);
    long announced = request.getContentLengthLong();
    if (announced > maxBytes) {
      // Checked before anything is read, so that a client with an Expect header need not send it.
      throw tooLarge();
    }
    InputStream in = request.getInputStream();
    byte[] bytes = new byte[FIRST_BYTES];
    int length = fill(in, bytes, 0);
    while (length == bytes.length && length < SMALL_BYTES) {
      bytes = Arrays.copyOf(bytes, length * 4);
      length = fill(in, bytes, length);
    }
    if (length < bytes.length) {
      return new RequestBody(Arrays.copyOf(bytes, length), null, 0);
    }
    return readLarge(in, bytes, announced);
  }

  private RequestBody readLarge(InputStream in, byte[] begun, long announced)
      throws IOException, InterruptedException {
    int taken = Math.min(permits, 1 + (announced > 0 ? (int) announced : maxBytes) / PERMIT_BYTES);
    if (!room.tryAcquire(taken, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new ProblemException(
          Problem.of(ErrorCode.UNAVAILABLE, "Too many large requests are being read.")
              .retryAfter(Duration.ofSeconds(1)));
    }
    boolean read = false;
    try {
      // HTTP's framing holds an announced length; otherwise a byte beyond the limit shows a body
      // that is too large.
      byte[] bytes = Arrays.copyOf(begun, announced > 0 ? (int) announced : maxBytes + 1);
      int length = fill(in, bytes, Math.min(begun.length, bytes.length));
      if (length > maxBytes) {
        throw tooLarge();
      }
      read = true;
      return new RequestBody(
          length == bytes.length ? bytes : Arrays.copyOf(bytes, length), room, taken);
    } finally {
      if (!read) {
        room.release(taken);
      }
    }
  }

  /** Fills the array with the body; returns the number of bytes that hold it. */
  private static int fill(InputStream in, byte[] bytes, int from) throws IOException {
    int length = from;
    while (length < bytes.length) {
      int count = in.read(bytes, length, bytes.length - length);
      if (count < 0) {
        break;
      }
      length += count;
    }
    return length;
  }

  private ProblemException tooLarge() {
    return new ProblemException(
        Problem.of(
            ErrorCode.REQUEST_TOO_LARGE,
            "The request body is larger than the limit of " + maxBytes + " bytes."));
  }

  private static void requireJson(HttpServletRequest request) {
    String contentType = request.getContentType();
    String encoding = request.getHeader("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw unsupported("Content-Encoding: " + encoding);
    }
    if (!isJson(contentType)) {
      throw unsupported(
          contentType == null ? "no Content-Type at all" : "Content-Type: " + contentType);
    }
  }

  private static boolean isJson(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    String[] words = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    for (int i = 1; i < words.length; i++) {
      String parameter = words[i].strip().replace("\"", "");
      if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return words[0].strip().equals("application/json");
  }

  private static ProblemException unsupported(String got) {
    String shown = got.length() <= 100 ? got : got.substring(0, 100) + "…";
    return new ProblemException(
        Problem.of(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "This route takes 'application/json' in UTF-8, but the request came with "
                + shown
                + "."));
  }

  /**
   * Discards the rest of a refused body, within bounds: a client that writes everything before it
   * reads would otherwise see a reset connection instead of the error response.
   */
  static void discard(HttpServletRequest request) throws IOException {
    if (request.getHeader("Expect") != null) {
      return;
    }
    InputStream in = request.getInputStream();
    byte[] ignored = new byte[FIRST_BYTES];
    long until = System.nanoTime() + DISCARD.toNanos();
    long left = DISCARD_BYTES;
    int count = 0;
    while (count >= 0 && left > 0 && System.nanoTime() - until < 0) {
      count = in.read(ignored);
      left -= count;
    }
  }
}
