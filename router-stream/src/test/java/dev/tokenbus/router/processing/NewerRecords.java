package dev.tokenbus.router.processing;

import dev.tokenbus.schemas.topics.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;

/** Records that a writer of a newer version has written. */
final class NewerRecords {
  private NewerRecords() {}

  /** The record as a writer has it whose union of the field has a branch more. */
  static byte[] newer(
      RouterDriver router,
      Topic topic,
      String field,
      SpecificRecord value,
      Consumer<GenericRecord> change) {
    Schema own = topic.schema();
    Schema newer = Schema.createRecord(own.getName(), null, own.getNamespace(), false);
    Schema branch = Schema.createRecord("Future", null, own.getNamespace(), false);
    branch.setFields(
        List.of(new Schema.Field("word", Schema.create(Schema.Type.STRING), null, null)));
    newer.setFields(
        own.getFields().stream()
            .map(old -> {
              if (!old.name().equals(field)) {
                return new Schema.Field(old, old.schema());
              }
              List<Schema> branches = new ArrayList<>(old.schema().getTypes());
              branches.add(branch);
              Schema union = Schema.createUnion(branches);
              return old.hasDefaultValue()
                  ? new Schema.Field(old.name(), union, null, old.defaultVal())
                  : new Schema.Field(old.name(), union);
            })
            .toList());
    int number = router.registry.register("newer-" + topic.name(), newer);
    try {
      byte[] old = router.schemas.serializer().serialize(topic.name(), value);
      GenericRecord record =
          new GenericDatumReader<GenericRecord>(own, newer)
              .read(null, DecoderFactory.get().binaryDecoder(old, 5, old.length - 5, null));
      change.accept(record);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(ByteBuffer.allocate(5).put((byte) 0).putInt(number).array());
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
      new GenericDatumWriter<GenericRecord>(newer).write(record, encoder);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static GenericRecord future(GenericRecord record, String field) {
    Schema branch = record.getSchema().getField(field).schema().getTypes().getLast();
    GenericRecord future = new GenericData.Record(branch);
    future.put("word", "what is to come");
    return future;
  }
}
