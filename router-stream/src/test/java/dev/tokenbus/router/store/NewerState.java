package dev.tokenbus.router.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What a release to come writes, as a release does: its schemas stand in the store beside. Its
 * requests have one state more, and owners of keys are of another kind.
 */
public final class NewerState {
  /** Has the fields of {@code StoredAdmitted}, and one more. */
  private static final String RESERVED =
      """
      {"type": "record", "name": "StoredReserved", "fields": [
        {"name": "notBefore", "type": "long"},
        {"name": "amount", "type": "long"}]},
      """;

  static final Schema REQUESTS =
      new Schema.Parser()
          .parse(
              text(StateSchemas.REQUESTS, StateSchemas.LATEST_REQUEST)
                  .replace(
                      "{\"type\":\"record\",\"name\":\"StoredAccepted\"",
                      RESERVED + "{\"type\":\"record\",\"name\":\"StoredAccepted\""));

  private static final Schema KEYS =
      new Schema.Parser()
          .parse(
              text(StateSchemas.KEYS, StateSchemas.LATEST_KEY)
                  .replace("\"name\":\"requestId\"", "\"name\":\"ownerId\""));

  private NewerState() {}

  /**
   * A request in a state that no release so far knows.
   *
   * @param outcome in the wire format of its topic
   */
  public static byte[] reserved(byte[] outcome, Instant at) {
    Schema request = REQUESTS.getField("entry").schema().getTypes().getFirst();
    GenericRecord reserved =
        new GenericData.Record(request.getField("state").schema().getTypes().getFirst());
    reserved.put("notBefore", at.toEpochMilli());
    reserved.put("amount", 17L);
    GenericRecord stored = new GenericData.Record(request);
    stored.put("deadline", at.plusSeconds(60).toEpochMilli());
    stored.put("partition", 0);
    stored.put("offset", 0L);
    stored.put("failures", 0);
    stored.put("losses", 0);
    stored.put("tried", List.of());
    stored.put("outcome", ByteBuffer.wrap(outcome));
    stored.put("state", reserved);
    for (Schema.Field field : request.getFields()) {
      if (field.hasDefaultValue()) {
        stored.put(field.pos(), GenericData.get().getDefaultValue(field));
      }
    }
    GenericRecord entry = new GenericData.Record(REQUESTS);
    entry.put("entry", stored);
    return encoded(entry);
  }

  /**
   * The owner of a key, without the name of the request under which all releases so far have it.
   */
  public static byte[] owner() {
    GenericRecord owner = new GenericData.Record(KEYS);
    owner.put("ownerId", "somebody");
    owner.put("offset", 3L);
    owner.put("bodyHash", ByteBuffer.allocate(32));
    return encoded(owner);
  }

  /** Leaves the schemas of the release. */
  public static void leaveSchemas(KeyValueStore<Bytes, byte[]> store) {
    for (Schema schema : List.of(REQUESTS, KEYS)) {
      long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
      store.put(
          new StateKey.OfSchema(fingerprint).encoded(),
          schema.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static byte[] encoded(GenericRecord record) {
    try {
      ByteBuffer buffer =
          new BinaryMessageEncoder<GenericRecord>(GenericData.get(), record.getSchema())
              .encode(record);
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(String kind, int version) {
    return StateSchemas.load(kind, version).toString();
  }
}
