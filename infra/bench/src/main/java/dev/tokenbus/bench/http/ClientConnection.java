package dev.tokenbus.bench.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kept-alive HTTP/1.1 connection that carries one call at a time. All methods belong to the
 * loop's thread.
 */
public final class ClientConnection implements Connection.Handler {
  private static final int MAX_HEAD_BYTES = 64 * 1024;

  private final HeadReader headReader = new HeadReader(MAX_HEAD_BYTES);
  private final Connection connection;
  private List<byte[]> waiting = List.of();
  private boolean connected;
  private @Nullable ResponseListener listener;
  private @Nullable BodyDecoder decoder;
  private boolean keepAlive;

  private ClientConnection(EventLoop loop, SocketChannel channel) throws IOException {
    connection = new Connection(loop, channel, this, SelectionKey.OP_CONNECT);
  }

  /**
   * Begins to connect; calls may be sent at once and go out when the connection stands.
   *
   * @throws IOException when no socket can be made or the address is refused at once
   */
  public static ClientConnection open(EventLoop loop, InetSocketAddress address)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      ClientConnection opened = new ClientConnection(loop, channel);
      channel.connect(address);
      return opened;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Sends a complete request; the listener hears its answer.
   *
   * @param request its bytes in any number of pieces, which must not change until it is sent
   */
  public void call(List<byte[]> request, ResponseListener answer) {
    if (listener != null) {
      throw new IllegalStateException("a call is under way on this connection");
    }
    listener = answer;
    if (connected) {
      send(request);
    } else {
      waiting = request;
    }
  }

  /** Whether another call can be made on it. */
  public boolean idle() {
    return connected && listener == null && !connection.closed();
  }

  /** Closes it; a call under way hears nothing more. */
  public void close() {
    listener = null;
    connection.close();
  }

  @Override
  public void onConnected() {
    connected = true;
    send(waiting);
    waiting = List.of();
  }

  private void send(List<byte[]> pieces) {
    for (byte[] piece : pieces) {
      connection.write(piece, 0, piece.length);
    }
  }

  @Override
  public void onRead(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining() && listener != null) {
        step(bytes, listener);
      }
      if (bytes.hasRemaining() && !connection.closed()) {
        connection.close(); // bytes that nobody asked for: the connection cannot be trusted
      }
    } catch (HttpFormatException e) {
      fail("malformed HTTP");
    }
  }

  private void step(ByteBuffer bytes, ResponseListener current) throws HttpFormatException {
    BodyDecoder body = decoder;
    if (body == null) {
      HeadReader.Head head = headReader.read(bytes);
      if (head == null) {
        return;
      }
      int status = status(head.startLine());
      if (status < 200) {
        return; // RFC 9110 15.2: interim answers precede the final one
      }
      keepAlive = !head.headers().lists("Connection", "close");
      body =
          status == 204 || status == 304
              ? new FixedBody(0)
              : BodyDecoder.of(head.headers(), new BodyToClose());
      decoder = body;
      current.onHead(status, head.headers());
    }
    if (listener != null && body.decode(bytes, current::onBody)) {
      complete(current);
    }
  }

  private void complete(ResponseListener current) {
    decoder = null;
    listener = null;
    if (!keepAlive) {
      connection.close();
    }
    current.onComplete();
  }

  private static int status(String startLine) throws HttpFormatException {
    if (!startLine.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
      throw new HttpFormatException(502, "not a status line: " + startLine);
    }
    return Integer.parseInt(startLine.substring(9, 12));
  }

  @Override
  public void onEnd() {
    ResponseListener current = listener;
    BodyDecoder body = decoder;
    connection.close();
    if (current != null && body != null && body.completeAtClose()) {
      complete(current);
    } else {
      fail(body == null ? "closed before an answer" : "cut off");
    }
  }

  @Override
  public void onSent() {
    // nothing waits for a request to be sent
  }

  @Override
  public void onFailure(IOException cause) {
    fail(connected ? "connection reset" : "cannot connect");
  }

  private void fail(String reason) {
    connection.close();
    ResponseListener current = listener;
    listener = null;
    decoder = null;
    if (current != null) {
      current.onFailure(reason);
    }
  }
}
