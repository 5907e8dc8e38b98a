package dev.tokenbus.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class NamedBranchesTest {
  private static final String TEXT =
      "{\"type\":\"record\",\"name\":\"TextDelta\",\"fields\":[{\"name\":\"text\",\"type\":\"string\"}]}";
  private static final String SUNG =
      "{\"type\":\"record\",\"name\":\"Sung\",\"fields\":[{\"name\":\"text\",\"type\":\"string\"}]}";

  @Test
  void doesNotReadABranchIntoAnotherOfTheSameStructure() throws IOException {
    Schema older = deltas("[" + TEXT + "]");
    Schema newer = deltas("[" + TEXT + "," + SUNG + "]");
    byte[] sung = written(newer, "Sung");

    // What Avro does by itself, and why this class is there.
    GenericRecord mistaken = read(newer, older, sung);
    assertThat(
            ((GenericRecord) ((List<?>) mistaken.get("deltas")).getFirst()).getSchema().getName())
        .isEqualTo("TextDelta");

    assertThatThrownBy(() -> read(NamedBranches.of(newer, older), older, sung))
        .isInstanceOf(AvroTypeException.class);
  }

  @Test
  void readsTheBranchesItKnowsAsEver() throws IOException {
    Schema older = deltas("[" + TEXT + "]");
    Schema newer = deltas("[" + SUNG + "," + TEXT + "]");

    GenericRecord record = read(NamedBranches.of(newer, older), older, written(newer, "TextDelta"));

    assertThat(((GenericRecord) ((List<?>) record.get("deltas")).getFirst()).get("text"))
        .hasToString("la");
  }

  @Test
  void skipsWhatTheReaderLeavesOutByTheWritersOwnSchema() throws IOException {
    Schema newer = deltas("[" + TEXT + "," + SUNG + "]");
    Schema header =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"Reply\",\"fields\":[{\"name\":\"last\",\"type\":\"int\"}]}");

    GenericRecord record = read(NamedBranches.of(newer, header), header, written(newer, "Sung"));

    assertThat(record.get("last")).isEqualTo(7);
  }

  @Test
  void takesAliasesForTheReadersOwnNames() throws IOException {
    Schema older =
        deltas("[" + TEXT.replace("\"fields\"", "\"aliases\":[\"Sung\"],\"fields\"") + "]");
    Schema newer = deltas("[" + SUNG + "]");

    GenericRecord record = read(NamedBranches.of(newer, older), older, written(newer, "Sung"));

    assertThat((List<?>) record.get("deltas")).hasSize(1);
  }

  @Test
  void holdsForSchemasThatHoldThemselves() throws IOException {
    String node =
        "{\"type\":\"record\",\"name\":\"Node\",\"fields\":["
            + "{\"name\":\"next\",\"type\":[\"null\",\"Node\"]},"
            + "{\"name\":\"value\",\"type\":[\"int\"%s]}]}";
    Schema older = new Schema.Parser().parse(node.formatted(""));
    Schema newer = new Schema.Parser().parse(node.formatted(",\"string\""));
    GenericRecord inner = new GenericData.Record(newer);
    inner.put("value", 2);
    GenericRecord outer = new GenericData.Record(newer);
    outer.put("next", inner);
    outer.put("value", 1);

    GenericRecord read = read(NamedBranches.of(newer, older), older, bytes(newer, outer));

    assertThat(((GenericRecord) read.get("next")).get("value")).isEqualTo(2);
  }

  private static Schema deltas(String union) {
    return new Schema.Parser()
        .parse(
            "{\"type\":\"record\",\"name\":\"Reply\",\"fields\":[{\"name\":\"deltas\",\"type\":"
                + "{\"type\":\"array\",\"items\":"
                + union
                + "}},{\"name\":\"last\",\"type\":\"int\"}]}");
  }

  private static byte[] written(Schema schema, String branch) throws IOException {
    Schema kind =
        schema.getField("deltas").schema().getElementType().getTypes().stream()
            .filter(type -> type.getName().equals(branch))
            .findFirst()
            .orElseThrow();
    GenericRecord delta = new GenericData.Record(kind);
    delta.put("text", "la");
    GenericRecord reply = new GenericData.Record(schema);
    reply.put("deltas", List.of(delta));
    reply.put("last", 7);
    return bytes(schema, reply);
  }

  private static byte[] bytes(Schema schema, GenericRecord record) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    return out.toByteArray();
  }

  private static GenericRecord read(Schema writer, Schema reader, byte[] bytes) throws IOException {
    return new GenericDatumReader<GenericRecord>(writer, reader)
        .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
  }
}
