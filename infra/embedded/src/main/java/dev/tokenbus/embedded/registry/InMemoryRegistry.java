package dev.tokenbus.embedded.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The part of the Confluent Schema Registry API that serializers use, answered from memory on a
 * free port of 127.0.0.1: up in milliseconds, where a real registry takes seconds. Avro only;
 * nothing is deleted, nothing survives.
 *
 * <p>Answers, error codes and the default compatibility (BACKWARD) are those of <a
 * href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Confluent's
 * API</a>; {@code RegistryContract} holds it and Apicurio Registry to the same tests.
 *
 * <p>Thread-safe. {@link #close} may be called more than once.
 */
public final class InMemoryRegistry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads;

  private InMemoryRegistry(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /** Starts an empty registry. */
  public static InMemoryRegistry start() {
    RegistryApi api = new RegistryApi(new Subjects());
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
      server.setExecutor(threads);
      server.createContext("/", exchange -> answer(api, exchange));
      server.start();
      return new InMemoryRegistry(server, threads);
    } catch (IOException e) {
      threads.close();
      throw new UncheckedIOException("cannot listen on 127.0.0.1", e);
    }
  }

  private static void answer(RegistryApi api, HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      RegistryApi.Answer answer =
          api.answer(exchange.getRequestMethod(), exchange.getRequestURI().getRawPath(), body);
      exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
      byte[] bytes = answer.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** The base of the API: what clients call {@code schema.registry.url}. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
