package dev.tokenbus.runtime.kafka;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** A registry that can be away. Schemas have their place in the list as id. */
public final class FakeRegistry implements AutoCloseable {
  private final List<Schema> schemas = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final SchemaRegistry client;
  private volatile boolean away;

  public FakeRegistry() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.start();
    client = new SchemaRegistry(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  public void goAway() {
    away = true;
  }

  public void comeBack() {
    away = false;
  }

  /** Schemas of a process that knows none of the ids yet. */
  public TopicSchemas newcomer() {
    return new TopicSchemas(client);
  }

  /** The record as a writer with the schema would put it on a topic. */
  byte[] written(Schema schema, GenericRecord record) {
    int id = schemas.indexOf(schema);
    if (id < 0) {
      schemas.add(schema);
      id = schemas.size() - 1;
    }
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      String body = away ? "no backend" : "{\"schema\":" + quoted(schemas.get(id).toString()) + "}";
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(away ? 503 : 200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  @Override
  public void close() {
    client.close();
    server.stop(0);
  }
}
