package dev.tokenbus.bench.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP/1.1 on one thread: keep-alive, pipelining, chunked bodies in and out, {@code Expect:
 * 100-continue}. It never closes an idle connection, so that no client ever meets the race of a
 * keep-alive time-out in a measurement.
 */
public final class MockServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MockServer.class);
  private static final int BACKLOG = 4096;

  private final EventLoop loop;
  private final ServerSocketChannel listener;
  private final InetSocketAddress address;
  private final ExchangeHandler handler;
  private final int maxBodyBytes;

  private MockServer(
      EventLoop loop, ServerSocketChannel listener, ExchangeHandler handler, int maxBodyBytes)
      throws IOException {
    this.loop = loop;
    this.listener = listener;
    this.handler = handler;
    this.maxBodyBytes = maxBodyBytes;
    this.address = (InetSocketAddress) listener.getLocalAddress();
  }

  /**
   * Listens on the address; port 0 takes a free one.
   *
   * @throws UncheckedIOException when the address cannot be bound
   */
  public static MockServer start(
      EventLoop loop, InetSocketAddress address, int maxBodyBytes, ExchangeHandler handler) {
    try {
      ServerSocketChannel listener = ServerSocketChannel.open();
      try {
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.bind(address, BACKLOG);
        listener.configureBlocking(false);
        MockServer server = new MockServer(loop, listener, handler, maxBodyBytes);
        server.listen();
        return server;
      } catch (IOException e) {
        listener.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + address, e);
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** Stops listening; connections end with the loop. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("listener did not close cleanly");
    }
  }

  private void listen() {
    CompletableFuture<Void> registered =
        CompletableFuture.runAsync(
            () -> {
              try {
                loop.register(listener, SelectionKey.OP_ACCEPT, key -> accept());
              } catch (IOException e) {
                throw new CompletionException(e);
              }
            },
            loop::execute);
    registered.join();
  }

  private void accept() {
    try {
      for (SocketChannel channel = listener.accept();
          channel != null;
          channel = listener.accept()) {
        new ServerConnection(loop, channel, handler, maxBodyBytes);
      }
    } catch (IOException e) {
      LOG.atWarn().setCause(e).log("connection not accepted");
    }
  }
}
