package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.cli.LocalStackFixture.Running;
import dev.tokenbus.cli.chat.ChatClient;
import dev.tokenbus.cli.chat.ChatMessage;
import dev.tokenbus.runtime.config.Addresses;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Somebody else's consumer, who knows the Confluent wire format and the registry's address and
 * nothing of ours.
 */
@ExtendWith(LocalStackFixture.class)
class StockConsumerIT {
  private static final int REQUESTS = 20;
  private final Map<Integer, Schema> schemas = new HashMap<>();
  private final Running running;

  StockConsumerIT(Running running) {
    this.running = running;
  }

  @Test
  void readsEveryRequestsUsageOnce() throws Exception {
    String tag = "stock-" + UUID.randomUUID();
    try (ChatClient client = new ChatClient(running.stack().url(), running.stack().key())) {
      for (int request = 0; request < REQUESTS; request++) {
        client.ask("text", List.of(new ChatMessage("user", tag + request)), _ -> {});
      }
    }

    // The topic is the same for every test of this run: look at those that ended here, in their
    // order.
    List<GenericRecord> usage = readAll(REQUESTS);

    assertThat(usage.stream().map(record -> record.get("id").toString()).toList())
        .doesNotHaveDuplicates()
        .hasSizeGreaterThanOrEqualTo(REQUESTS);
    assertThat(usage)
        .filteredOn(record -> record.get("modelAsked").toString().equals("text"))
        .hasSizeGreaterThanOrEqualTo(REQUESTS)
        .allSatisfy(record -> {
          assertThat(record.get("status").toString()).isEqualTo("COMPLETED");
          assertThat(record.get("tenant").toString()).isEqualTo("default");
          GenericRecord billed = (GenericRecord) record.get("billed");
          assertThat(((GenericRecord) billed.get("usage")).get("output")).isEqualTo(30L);
        });
  }

  /** Reads until so many records of the model are there, and then on until the topic is silent. */
  private List<GenericRecord> readAll(int wanted) throws Exception {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            address(Addresses.KAFKA),
            "group.id",
            "stock-" + UUID.randomUUID(),
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            "read_committed");
    List<GenericRecord> read = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of("usage"));
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      int silent = 0;
      while (System.nanoTime() < deadline && (read.size() < wanted || silent < 3)) {
        int before = read.size();
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          read.add(decode(record.value()));
        }
        silent = read.size() == before ? silent + 1 : 0;
      }
    }
    return read;
  }

  private GenericRecord decode(byte[] bytes) throws Exception {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    assertThat(buffer.get()).as("magic byte").isZero();
    Schema schema = schema(buffer.getInt());
    return new GenericDatumReader<GenericRecord>(schema)
        .read(
            null,
            DecoderFactory.get().binaryDecoder(bytes, buffer.position(), buffer.remaining(), null));
  }

  private Schema schema(int id) throws IOException, InterruptedException {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      String answer =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create(address(Addresses.REGISTRY) + "/schemas/ids/" + id))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      Schema schema =
          new Schema.Parser().parse(new ObjectMapper().readTree(answer).path("schema").asText());
      schemas.put(id, schema);
      return schema;
    }
  }

  private String address(String name) {
    String value = running.stack().environment().get(name);
    assertThat(value).as(name).isNotNull();
    return String.valueOf(value);
  }
}
