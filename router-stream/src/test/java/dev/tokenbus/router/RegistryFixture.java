package dev.tokenbus.router;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** A schema registry with the three calls that our serde makes; keeps everything in memory. */
public final class RegistryFixture implements AutoCloseable {
  private final HttpServer server;

  /** Bodies of registrations; an id is a position in the list, from 1. */
  private final List<String> registered = new ArrayList<>();

  private boolean away;

  private RegistryFixture(HttpServer server) {
    this.server = server;
  }

  public static RegistryFixture start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    RegistryFixture fixture = new RegistryFixture(server);
    server.createContext("/", fixture::answer);
    server.start();
    return fixture;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public SchemaRegistry client() {
    return new SchemaRegistry(URI.create(url()));
  }

  /** Registers a schema that no process of today knows, and returns its id. */
  synchronized int register(Schema schema) {
    String text = schema.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    registered.add("{\"schema\":\"" + text + "\"}");
    return registered.size();
  }

  /** Answers every call with 503 from now on. */
  public synchronized void goAway() {
    away = true;
  }

  /** Answers again. */
  synchronized void comeBack() {
    away = false;
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    int status = 200;
    String answer;
    if (away) {
      exchange.sendResponseHeaders(503, -1);
      exchange.close();
      return;
    }
    if (path.startsWith("/subjects/")) {
      if (!registered.contains(body)) {
        registered.add(body);
      }
      answer = "{\"id\":" + (registered.indexOf(body) + 1) + "}";
    } else if (path.startsWith("/schemas/ids/")) {
      int id = Integer.parseInt(path.substring("/schemas/ids/".length()));
      boolean known = id <= registered.size();
      status = known ? 200 : 404;
      answer = known ? registered.get(id - 1) : "{\"error_code\":40403,\"message\":\"none\"}";
    } else {
      answer = "{}";
    }
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
