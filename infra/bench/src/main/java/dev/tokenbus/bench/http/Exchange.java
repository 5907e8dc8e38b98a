package dev.tokenbus.bench.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer to one request, whole or as a stream of chunks. All methods belong to the loop's
 * thread; calls after the end or after the client has gone do nothing.
 */
public final class Exchange {
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

  private final EventLoop loop;
  private final Connection connection;
  private final ServerConnection owner;
  private final boolean http10;
  private final boolean keepAlive;
  private final boolean headOnly;
  private final List<Runnable> whenGone = new ArrayList<>();
  private final List<Runnable> whenSent = new ArrayList<>();
  private byte[] unsentHead = new byte[0];
  private boolean ended;

  Exchange(
      EventLoop loop,
      Connection connection,
      ServerConnection owner,
      boolean http10,
      boolean keepAlive,
      String method) {
    this.loop = loop;
    this.connection = connection;
    this.owner = owner;
    this.http10 = http10;
    this.keepAlive = keepAlive;
    this.headOnly = method.equals("HEAD");
  }

  /** The loop on which timers for this answer run. */
  public EventLoop loop() {
    return loop;
  }

  /** Sends a whole answer. */
  public void respond(int status, HeaderFields headers, byte[] body) {
    if (ended) {
      return;
    }
    byte[] head =
        head(status, headers, keepAlive, "Content-Length: " + body.length + "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    int bodyLength = headOnly ? 0 : body.length;
    byte[] all = new byte[head.length + bodyLength];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, bodyLength);
    connection.write(all, 0, all.length);
    end(keepAlive);
  }

  /** Begins a streamed answer; its head goes out with the first chunk or at {@link #flush}. */
  public void start(int status, HeaderFields headers) {
    String framing = http10 ? "" : "Transfer-Encoding: chunked\r\n";
    unsentHead =
        head(status, headers, keepAlive && !http10, framing).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Sends the head if no chunk has taken it along yet. */
  public void flush() {
    if (!ended && unsentHead.length > 0) {
      connection.write(unsentHead, 0, unsentHead.length);
      unsentHead = new byte[0];
    }
  }

  /** Sends bytes as one chunk, in one write. */
  public void send(byte[] data, int offset, int length) {
    if (ended || length == 0) {
      return;
    }
    byte[] size =
        http10
            ? new byte[0]
            : (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    int tail = http10 ? 0 : 2;
    byte[] framed = new byte[unsentHead.length + size.length + length + tail];
    System.arraycopy(unsentHead, 0, framed, 0, unsentHead.length);
    System.arraycopy(size, 0, framed, unsentHead.length, size.length);
    System.arraycopy(data, offset, framed, unsentHead.length + size.length, length);
    if (!http10) {
      framed[framed.length - 2] = '\r';
      framed[framed.length - 1] = '\n';
    }
    unsentHead = new byte[0];
    connection.write(framed, 0, framed.length);
  }

  /** Ends a streamed answer as HTTP wants it. */
  public void finish() {
    if (ended) {
      return;
    }
    flush();
    if (!http10) {
      connection.write(LAST_CHUNK, 0, LAST_CHUNK.length);
    }
    end(keepAlive && !http10);
  }

  /** Breaks off without the last chunk: FIN, or RST when {@code reset}. */
  public void cut(boolean reset) {
    if (ended) {
      return;
    }
    ended = true;
    if (reset) {
      connection.reset();
    } else {
      connection.closeWhenSent();
    }
  }

  /** Bytes that the client's TCP window has not taken yet. */
  public long unsentBytes() {
    return connection.unsentBytes();
  }

  /** Runs the task once, as soon as nothing is unsent. */
  public void whenSent(Runnable task) {
    if (connection.unsentBytes() == 0) {
      task.run();
    } else {
      whenSent.add(task);
    }
  }

  /** Runs the task when the client closes before the answer has ended. */
  public void whenClientGone(Runnable task) {
    whenGone.add(task);
  }

  /** Whether the answer has ended in any way. */
  public boolean ended() {
    return ended;
  }

  void clientGone() {
    if (!ended) {
      ended = true;
      whenGone.forEach(Runnable::run);
    }
  }

  void sent() {
    List<Runnable> due = List.copyOf(whenSent);
    whenSent.clear();
    due.forEach(Runnable::run);
  }

  private void end(boolean keepAliveNow) {
    if (connection.closed()) {
      clientGone();
      return;
    }
    ended = true;
    owner.finished(keepAliveNow);
  }

  private static String head(int status, HeaderFields headers, boolean keepAlive, String framing) {
    StringBuilder out = new StringBuilder(256);
    out.append("HTTP/1.1 ").append(status).append(' ').append(reason(status)).append("\r\n");
    headers.appendTo(out);
    out.append(framing);
    if (!keepAlive) {
      out.append("Connection: close\r\n");
    }
    return out.append("\r\n").toString();
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 413 -> "Content Too Large";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 529 -> "Overloaded";
      default -> "Status";
    };
  }
}
