package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * Reads request bodies up to a limit, which counts the bytes received and does not trust a header.
 * It reads a large body only while the heap has room for one, so that no number of them fills it,
 * and refuses one that comes so slowly that others would wait for it.
 *
 * <p>Thread-safe; blocks the request's own thread.
 */
public final class BodyReader {
  /**
   * Of the heap, what bodies may take that are being received or wait to be prepared. Those that
   * are prepared and written are few at a time, and take four times their size meanwhile.
   */
  private static final int LARGE_PART_OF_HEAP = 8;

  private static final int MEDIUM_PART_OF_HEAP = 16;

  /** One whose length was not announced waits with what it has received so far. */
  private static final int MOST_LARGE_WAITING = 256;

  private static final int MOST_MEDIUM_WAITING = 1024;
  private static final int DISCARDED_AT_ONCE = 8 * 1024;
  private static final Duration DISCARD = Duration.ofSeconds(5);
  private static final long DISCARD_BYTES = 64L * 1024 * 1024;

  private final int maxBytes;
  private final ReceiptRoom medium;
  private final ReceiptRoom large;

  /**
   * Creates a reader.
   *
   * @param maxBytes a larger body is refused
   * @param patience how long a large body waits for room in the heap
   * @param heapBytes the size of the heap; bodies may take a part of it
   */
  public BodyReader(int maxBytes, Duration patience, long heapBytes) {
    this.maxBytes = maxBytes;
    medium = new ReceiptRoom(heapBytes / MEDIUM_PART_OF_HEAP, MOST_MEDIUM_WAITING, patience);
    large =
        new ReceiptRoom(
            Math.max(2L * maxBytes, heapBytes / LARGE_PART_OF_HEAP), MOST_LARGE_WAITING, patience);
  }

  /**
   * Reads the whole body of a JSON request.
   *
   * @throws ProblemException 415, 413, or 408 if it comes too slowly; 503 if there is no room for a
   *     large body
   * @throws IOException if the client has gone
   */
  public RequestBody read(HttpServletRequest request) throws IOException, InterruptedException {
    requireJson(request);
    long announced = request.getContentLengthLong();
    if (announced > maxBytes) {
      // Checked before anything is read, so that a client with an Expect header need not send it.
      throw BodyReceipt.tooLarge(maxBytes);
    }
    EndPoint endPoint = Connections.endPoint(request);
    long idleMillis = endPoint.getIdleTimeout();
    try {
      return new BodyReceipt(
              request.getInputStream(),
              medium,
              large,
              new ReceiptLimit(System::nanoTime),
              () -> endPoint.setIdleTimeout(ReceiptLimit.GRACE.toMillis()))
          .read(announced, maxBytes);
    } catch (IOException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw ReceiptLimit.tooSlow();
      }
      throw e;
    } finally {
      if (endPoint.getIdleTimeout() != idleMillis) {
        endPoint.setIdleTimeout(idleMillis);
      }
    }
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
    byte[] ignored = new byte[DISCARDED_AT_ONCE];
    long until = System.nanoTime() + DISCARD.toNanos();
    long left = DISCARD_BYTES;
    int count = 0;
    while (count >= 0 && left > 0 && System.nanoTime() - until < 0) {
      count = in.read(ignored);
      left -= count;
    }
  }
}
