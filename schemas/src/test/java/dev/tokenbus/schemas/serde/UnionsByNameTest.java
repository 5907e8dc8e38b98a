package dev.tokenbus.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.schemas.avro.BlockStop;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

class UnionsByNameTest {
  private static final Schema READER = Delta.getClassSchema();

  /** With a branch that has the very fields of a branch that the reader knows. */
  private static final Schema NEWER =
      new Schema.Parser()
          .parse(
              READER
                  .toString()
                  .replace(
                      "{\"type\":\"record\",\"name\":\"TextDelta\"",
                      "{\"type\":\"record\",\"name\":\"SongDelta\",\"fields\":["
                          + "{\"name\":\"text\",\"type\":\"string\"}]},"
                          + "{\"type\":\"record\",\"name\":\"TextDelta\""));

  @Test
  void avroAloneWouldTakeTheUnknownBranchForOneThatFits() throws IOException {
    Delta read = read(song(), READER);

    assertThat(read.getContent()).isInstanceOfAny(TextDelta.class, BlockStop.class);
  }

  @Test
  void refusesABranchWhoseNameTheReaderDoesNotKnow() {
    assertThatThrownBy(() -> read(song(), UnionsByName.of(NEWER, READER)))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void readsTheBranchesThatItKnowsOfTheSameWriter() throws IOException {
    GenericRecord text = new GenericData.Record(branch("TextDelta"));
    text.put("text", "hello");

    Delta read = read(delta(text), UnionsByName.of(NEWER, READER));

    assertThat(((TextDelta) read.getContent()).getText()).isEqualTo("hello");
  }

  @Test
  void readsItsOwnRecordsWithTheirTimesAsBefore() throws IOException {
    Instant at = Instant.parse("2026-11-28T08:00:00.123Z");
    Reply reply = new Reply("r", 1, 2L, 3, at, new Deltas(List.of()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new SpecificDatumWriter<>(Reply.class).write(reply, encoder);
    encoder.flush();
    Schema own = SpecificData.get().getSchema(Reply.class);

    Reply read =
        new SpecificDatumReader<Reply>(own, UnionsByName.of(own, own))
            .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));

    assertThat(read).isEqualTo(reply);
  }

  private static GenericRecord song() {
    GenericRecord song = new GenericData.Record(branch("SongDelta"));
    song.put("text", "la la");
    return delta(song);
  }

  private static Schema branch(String name) {
    return NEWER.getField("content").schema().getTypes().stream()
        .filter(type -> type.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static GenericRecord delta(GenericRecord content) {
    GenericRecord delta = new GenericData.Record(NEWER);
    delta.put("choice", 0);
    delta.put("content", content);
    return delta;
  }

  private static Delta read(GenericRecord delta, Schema reader) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(NEWER).write(delta, encoder);
    encoder.flush();
    return new SpecificDatumReader<Delta>(NEWER, reader)
        .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
  }
}
