package dev.tokenbus.bench.http;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A non-blocking socket on an {@link EventLoop}: writes at once what the kernel takes and queues
 * the rest. All methods belong to the loop's thread. After a close of either kind the handler hears
 * nothing more.
 */
final class Connection implements EventLoop.Ready {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  private final EventLoop loop;
  private final SocketChannel channel;
  private final Handler handler;
  private final Deque<ByteBuffer> unsent = new ArrayDeque<>();
  private final SelectionKey key;
  private long unsentBytes;
  private boolean closed;
  private boolean closeWhenSent;

  Connection(EventLoop loop, SocketChannel channel, Handler handler, int operations)
      throws IOException {
    this.loop = loop;
    this.channel = channel;
    this.handler = handler;
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    key = loop.register(channel, operations, this);
  }

  /** Sends these bytes; the array must not change afterwards. */
  void write(byte[] bytes, int offset, int length) {
    if (closed) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    try {
      if (unsent.isEmpty()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      fail(e);
      return;
    }
    if (buffer.hasRemaining()) {
      unsent.add(buffer);
      unsentBytes += buffer.remaining();
      key.interestOpsOr(SelectionKey.OP_WRITE);
    }
  }

  long unsentBytes() {
    return unsentBytes;
  }

  boolean closed() {
    return closed;
  }

  /** Stops or resumes reading, so that a peer which sends too much is held back by TCP. */
  void reading(boolean on) {
    if (closed) {
      return;
    }
    if (on) {
      key.interestOpsOr(SelectionKey.OP_READ);
    } else {
      key.interestOpsAnd(~SelectionKey.OP_READ);
    }
  }

  /** Closes in order (FIN) once everything is sent. */
  void closeWhenSent() {
    if (unsent.isEmpty()) {
      close();
    } else {
      closeWhenSent = true;
    }
  }

  /** Sends FIN and goes on reading, so that the peer can read an answer to what it still sends. */
  void shutdownOutput() {
    try {
      if (!closed) {
        channel.shutdownOutput();
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    unsent.clear();
    unsentBytes = 0;
    try {
      channel.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("socket did not close cleanly");
    }
  }

  /** Closes with RST: what is unsent is lost and the peer sees "connection reset". */
  void reset() {
    if (closed) {
      return;
    }
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("cannot set SO_LINGER");
    }
    close();
  }

  @Override
  public void ready(SelectionKey ignored) {
    try {
      if (key.isValid() && key.isConnectable() && channel.finishConnect()) {
        key.interestOps(SelectionKey.OP_READ);
        handler.onConnected();
        return;
      }
      if (key.isValid() && key.isReadable()) {
        read();
      }
      if (!closed && key.isValid() && key.isWritable()) {
        flush();
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void read() throws IOException {
    ByteBuffer buffer = loop.readBuffer();
    int count = channel.read(buffer);
    if (count < 0) {
      key.interestOpsAnd(~SelectionKey.OP_READ);
      handler.onEnd();
    } else if (count > 0) {
      handler.onRead(buffer.flip());
    }
  }

  private void flush() throws IOException {
    while (!unsent.isEmpty()) {
      ByteBuffer head = unsent.element();
      unsentBytes -= channel.write(head);
      if (head.hasRemaining()) {
        return;
      }
      unsent.remove();
    }
    key.interestOpsAnd(~SelectionKey.OP_WRITE);
    if (closeWhenSent) {
      close();
    } else {
      handler.onSent();
    }
  }

  private void fail(IOException cause) {
    if (!closed) {
      close();
      handler.onFailure(cause);
    }
  }

  /** What the owner of a connection hears from it. */
  interface Handler {
    /** A connection opened by us stands. */
    void onConnected();

    /** Bytes arrived; the buffer is only valid during the call. */
    void onRead(ByteBuffer bytes);

    /** The peer has sent FIN. */
    void onEnd();

    /** Everything that had to be queued has been handed to the kernel. */
    void onSent();

    /** The connection broke and is closed. */
    void onFailure(IOException cause);
  }
}
