package dev.tokenbus.bench.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client of an {@link MockServer}: reads requests one after the other. */
final class ServerConnection implements Connection.Handler {
  private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_PIPELINED_BYTES = 64 * 1024;
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

  private final EventLoop loop;
  private final Connection connection;
  private final ExchangeHandler handler;
  private final int maxBodyBytes;
  private final HeadReader headReader = new HeadReader(MAX_HEAD_BYTES);
  private final BodyBytes body = new BodyBytes();
  private final ByteArrayOutputStream pipelined = new ByteArrayOutputStream();
  private HeadReader.@Nullable Head head;
  private @Nullable BodyDecoder decoder;
  private @Nullable Exchange exchange;
  private boolean refusing;
  private boolean parsing;

  ServerConnection(EventLoop loop, SocketChannel channel, ExchangeHandler handler, int maxBodyBytes)
      throws IOException {
    this.loop = loop;
    this.handler = handler;
    this.maxBodyBytes = maxBodyBytes;
    connection = new Connection(loop, channel, this, SelectionKey.OP_READ);
  }

  @Override
  public void onConnected() {
    throw new IllegalStateException("an accepted connection is connected already");
  }

  @Override
  public void onRead(ByteBuffer bytes) {
    if (refusing) {
      return;
    }
    parse(bytes);
    if (exchange != null && bytes.hasRemaining()) {
      byte[] rest = new byte[bytes.remaining()];
      bytes.get(rest);
      pipelined.writeBytes(rest);
      if (pipelined.size() > MAX_PIPELINED_BYTES) {
        connection.reading(false);
      }
    }
  }

  @Override
  public void onEnd() {
    if (exchange != null) {
      exchange.clientGone();
    }
    connection.close();
  }

  @Override
  public void onSent() {
    if (exchange != null) {
      exchange.sent();
    }
  }

  @Override
  public void onFailure(IOException cause) {
    if (exchange != null) {
      exchange.clientGone();
    }
  }

  /** The exchange has sent its last byte. */
  void finished(boolean keepAlive) {
    exchange = null;
    if (!keepAlive) {
      closeInOrder();
      return;
    }
    if (pipelined.size() > 0 && !parsing) {
      ByteBuffer next = ByteBuffer.wrap(pipelined.toByteArray());
      pipelined.reset();
      connection.reading(true);
      onRead(next);
    }
  }

  private void parse(ByteBuffer bytes) {
    parsing = true;
    try {
      while (bytes.hasRemaining() && exchange == null && !refusing && !connection.closed()) {
        step(bytes);
      }
    } catch (HttpFormatException e) {
      refuse(e);
    } finally {
      parsing = false;
    }
  }

  private void step(ByteBuffer bytes) throws HttpFormatException {
    if (head == null) {
      head = headReader.read(bytes);
      if (head == null) {
        return;
      }
      decoder = BodyDecoder.of(head.headers(), new FixedBody(0));
      expectContinue(head.headers(), bytes);
    }
    BodyDecoder current = decoder;
    HeadReader.Head complete = head;
    if (current != null && current.decode(bytes, this::take)) {
      byte[] content = body.take();
      head = null;
      decoder = null;
      dispatch(complete, content);
    }
  }

  private void expectContinue(HeaderFields headers, ByteBuffer bytes) throws HttpFormatException {
    String length = headers.first("Content-Length").orElse("0");
    if (Long.parseLong(length) > maxBodyBytes) {
      throw new HttpFormatException(413, "the body exceeds " + maxBodyBytes + " bytes");
    }
    body.expect(Integer.parseInt(length));
    if (headers.lists("Expect", "100-continue") && !bytes.hasRemaining()) {
      connection.write(CONTINUE, 0, CONTINUE.length);
    }
  }

  private void take(ByteBuffer data) throws HttpFormatException {
    if (body.size() + data.remaining() > maxBodyBytes) {
      throw new HttpFormatException(413, "the body exceeds " + maxBodyBytes + " bytes");
    }
    body.add(data);
  }

  private void dispatch(HeadReader.Head complete, byte[] content) throws HttpFormatException {
    String[] parts = complete.startLine().split(" ", -1);
    if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
      throw new HttpFormatException(400, "not a request line: " + complete.startLine());
    }
    boolean http10 = parts[2].equals("HTTP/1.0");
    HeaderFields headers = complete.headers();
    boolean keepAlive =
        http10 ? headers.lists("Connection", "keep-alive") : !headers.lists("Connection", "close");
    Exchange next = new Exchange(loop, connection, this, http10, keepAlive, parts[0]);
    exchange = next;
    HttpRequest request =
        new HttpRequest(
            parts[0].toUpperCase(Locale.ROOT), parts[1], headers, content, System.nanoTime());
    try {
      handler.handle(request, next);
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("target", parts[1]).log("request failed");
      next.respond(500, HeaderFields.of("Content-Type", "text/plain"), new byte[0]);
    }
  }

  /** Answers what cannot be parsed, and reads on for a while so that the answer is not reset. */
  private void refuse(HttpFormatException cause) {
    refusing = true;
    byte[] text = (cause.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
    Exchange last = new Exchange(loop, connection, this, false, false, "GET");
    last.respond(
        cause.status(), HeaderFields.of("Content-Type", "text/plain; charset=utf-8"), text);
  }

  private void closeInOrder() {
    refusing = true;
    if (connection.unsentBytes() > 0) {
      connection.closeWhenSent();
      return;
    }
    connection.shutdownOutput();
    if (!connection.closed()) {
      loop.schedule(System.nanoTime() + LINGER_NANOS, connection::close);
    }
  }
}
