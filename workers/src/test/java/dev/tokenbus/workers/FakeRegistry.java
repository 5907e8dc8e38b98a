package dev.tokenbus.workers;

import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The calls of the Confluent Schema Registry API that Tokenbus makes, in memory. Every schema is
 * compatible.
 */
final class FakeRegistry implements AutoCloseable {
  private final HttpServer server;
  private final List<String> schemas = new ArrayList<>();
  private volatile boolean away;

  private FakeRegistry(HttpServer server) {
    this.server = server;
  }

  static FakeRegistry start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      FakeRegistry registry = new FakeRegistry(server);
      server.createContext("/subjects/", registry::register);
      server.createContext("/schemas/ids/", registry::byId);
      server.createContext("/config/", exchange -> answer(exchange, 200, "{}"));
      server.start();
      return registry;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Answers nothing but errors from now on, or answers again. */
  void away(boolean isAway) {
    away = isAway;
  }

  /** The id of a schema that nobody has asked for. */
  synchronized int add(String schema) {
    schemas.add("{\"schema\":" + new TextNode(schema) + "}");
    return schemas.size();
  }

  private synchronized void register(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    int id = schemas.indexOf(body);
    if (id < 0) {
      id = schemas.size();
      schemas.add(body);
    }
    answer(exchange, 200, "{\"id\":" + (id + 1) + "}");
  }

  private synchronized void byId(HttpExchange exchange) throws IOException {
    if (away) {
      answer(exchange, 503, "{}");
      return;
    }
    String path = exchange.getRequestURI().getPath();
    int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    answer(exchange, 200, schemas.get(id - 1));
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
