package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes replies with a schema that a release to come might have. */
final class NewerWriter {
  private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*(\\d+)");

  private final Backbone backbone;
  private final Schema schema;
  private final int id;

  /** Registers the schema at a registry. */
  NewerWriter(Backbone backbone, String registryUrl) throws IOException, InterruptedException {
    this.backbone = backbone;
    schema = withNovelty(Reply.getClassSchema());
    id = register(registryUrl);
  }

  /** Writes an event that no reader of today knows. */
  void writeNovelty(RequestId request, int attempt, long claim, int sequence) throws Exception {
    Schema novelty = schema.getField("event").schema().getTypes().getLast();
    write(
        request,
        record(request, attempt, claim, sequence)
            .set("event", new GenericRecordBuilder(novelty).set("word", "new").build())
            .build());
  }

  private GenericRecordBuilder record(RequestId request, int attempt, long claim, int sequence) {
    return new GenericRecordBuilder(schema)
        .set("requestId", request.toString())
        .set("attempt", attempt)
        .set("claim", claim)
        .set("sequence", sequence)
        .set("at", request.acceptedAt().toEpochMilli());
  }

  private void write(RequestId request, GenericRecord record) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream header = new DataOutputStream(bytes)) {
      header.writeByte(0);
      header.writeInt(id);
    }
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    encoder.flush();
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            backbone.kafka().producer("newer-writer", Duration.ZERO, Duration.ofSeconds(30)),
            new StringSerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  Topics.REPLIES.name(),
                  request.replyPartition(),
                  request.toString(),
                  bytes.toByteArray()))
          .get();
    }
  }

  private static Schema withNovelty(Schema reply) {
    Schema novelty =
        SchemaBuilder.record("Novelty")
            .namespace("dev.tokenbus.schemas.avro")
            .fields()
            .requiredString("word")
            .endRecord();
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : reply.getFields()) {
      Schema type = field.schema();
      if (field.name().equals("event")) {
        List<Schema> branches = new ArrayList<>(type.getTypes());
        branches.add(novelty);
        type = Schema.createUnion(branches);
      }
      fields.add(new Schema.Field(field.name(), type, field.doc(), field.defaultVal()));
    }
    return Schema.createRecord(
        reply.getName(), reply.getDoc(), reply.getNamespace(), false, fields);
  }

  private int register(String registryUrl) throws IOException, InterruptedException {
    String text = schema.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            registryUrl + "/subjects/" + Topics.REPLIES.subject() + "/versions"))
                    .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"schema\":\"" + text + "\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    Matcher matcher = ID.matcher(response.body());
    assertThat(matcher.find()).as(response.body()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }
}
