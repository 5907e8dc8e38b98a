package dev.tokenbus.bench.provider;

import dev.tokenbus.bench.http.EventLoop;
import dev.tokenbus.bench.http.MockServer;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.List;

/**
 * A server with OpenAI's wire format on 127.0.0.1: {@code POST /v1/chat/completions}, streamed or
 * not, and {@code GET /v1/models}. Its text depends on the last user message alone ({@link
 * MockText}), its speed and faults on the name of the model, for instance {@code
 * mock/64x20ms/cut-10} ({@link Behaviour#of}).
 *
 * <p>One thread serves everything, and one more reads large bodies. All methods may be called from
 * any thread.
 */
public final class MockProvider implements AutoCloseable {
  private static final int MAX_BODY_BYTES = 16 * 1024 * 1024;

  private final EventLoop loop;
  private final MockServer server;
  private final MockApi api;
  private final RequestJournal journal;

  private MockProvider(MockOptions options) {
    journal = new RequestJournal(InstantSource.system(), options.remembered());
    api = new MockApi(options, journal, InstantSource.system());
    loop = EventLoop.start("mock-provider");
    try {
      server = MockServer.start(loop, loopback(options.port()), MAX_BODY_BYTES, api);
    } catch (RuntimeException e) {
      loop.close();
      throw e;
    }
  }

  /** Starts on a free port with {@link MockOptions#DEFAULT}. */
  public static MockProvider start() {
    return start(MockOptions.DEFAULT);
  }

  /**
   * Starts and listens when it returns.
   *
   * @throws java.io.UncheckedIOException when the port is taken
   */
  public static MockProvider start(MockOptions options) {
    return new MockProvider(options);
  }

  public int port() {
    return server.address().getPort();
  }

  /** What a client takes as base URL: {@code http://127.0.0.1:port/v1}. */
  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + port() + "/v1");
  }

  /** Changes the behaviour of requests that come from now on. */
  public void behave(Behaviour behaviour) {
    api.behave(behaviour);
  }

  /** The latest requests, oldest first. */
  public List<ReceivedRequest> received() {
    return journal.all();
  }

  /** Forgets the requests received; the count goes on. */
  public void forget() {
    journal.forget();
  }

  /** Requests received since the start. */
  public long requestCount() {
    return journal.count();
  }

  /** Requests whose answer has not ended. */
  public int openRequests() {
    return journal.open();
  }

  /** Stops listening and cuts every connection. */
  @Override
  public void close() {
    server.close();
    loop.close();
    api.close();
  }

  private static InetSocketAddress loopback(int port) {
    try {
      byte[] address = {127, 0, 0, 1};
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
