package dev.tokenbus.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.AttemptEventHeader;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.RequestHeader;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every released version against today's, in both directions and with bytes: what happens in a
 * rolling upgrade while both run.
 *
 * <p>A writer at format level 1 uses none of the branches listed for 0.1.0 in {@code
 * unreadable-by}; at level 2 it uses all.
 */
class UpgradeMatrixTest {
  private static final int RECORDS = 400;
  private static final long SEED = 20261128;

  @BeforeAll
  static void letAvroTrustOurPackages() {
    try (SchemaRegistry nobody = new SchemaRegistry(URI.create("http://127.0.0.1:1"))) {
      assertThat(new TopicSchemas(nobody)).isNotNull(); // its class tells Avro
    }
  }

  static Stream<Arguments> releasedTopics() {
    return Releases.versions().stream()
        .flatMap(version ->
            Topics.documented().stream()
                .flatMap(topic ->
                    Releases.schema(version, topic).stream()
                        .map(released -> Arguments.of(version, topic, released))));
  }

  static Stream<Arguments> topicsOf010() {
    return Topics.documented().stream()
        .flatMap(
            topic -> Releases.schema("0.1.0", topic).stream().map(old -> Arguments.of(topic, old)));
  }

  static Stream<Arguments> headers() {
    return Releases.versions().stream()
        .flatMap(version ->
            Stream.of(
                Arguments.of(version, Topics.REQUESTS, RequestHeader.getClassSchema()),
                Arguments.of(version, Topics.REPLIES, ReplyHeader.getClassSchema()),
                Arguments.of(version, Topics.ATTEMPTS, AttemptEventHeader.getClassSchema())));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("releasedTopics")
  void anOldReaderDoesNotKnowExactlyTheListedBranches(String version, Topic topic, Schema old) {
    assertThat(UnionBranch.unknownTo(old, topic.schema()))
        .isEqualTo(Releases.unknownBranches(version, topic).keySet());
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("releasedTopics")
  void nothingButNewBranchesKeepsAnOldReaderFromReading(String version, Topic topic, Schema old) {
    Schema level1 =
        UnionBranch.without(topic.schema(), Releases.unknownBranches(version, topic).keySet());

    assertThat(
            SchemaCompatibility.checkReaderWriterCompatibility(old, level1)
                .getResult()
                .getIncompatibilities())
        .isEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("releasedTopics")
  void anOldReaderReadsAllThatIsWrittenAtLevel1(String version, Topic topic, Schema old)
      throws IOException {
    Schema level1 =
        UnionBranch.without(topic.schema(), Releases.unknownBranches(version, topic).keySet());
    DatumReader<Object> reader = new GenericDatumReader<>(topic.schema(), old);
    for (Object record : new RandomData(level1, RECORDS, SEED)) {
      assertThat(read(reader, written(topic.schema(), record))).isNotNull();
    }
  }

  /** How readers are made since 0.2.0, with the schemas of every release. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("releasedTopics")
  void anOldReaderFailsAtLevel2ExactlyWhereABranchOccursThatItDoesNotKnow(
      String version, Topic topic, Schema old) throws IOException {
    Schema today = topic.schema();
    Set<UnionBranch> unknown = Releases.unknownBranches(version, topic).keySet();
    DatumReader<Object> reader = new GenericDatumReader<>(today, UnionsByName.of(today, old));
    int unreadable = 0;
    for (Object record : new RandomData(today, RECORDS, SEED)) {
      boolean readable = readAs(reader, written(today, record)).isPresent();

      assertThat(readable)
          .as("%s", record)
          .isEqualTo(!UnionBranch.occursIn(record, old, today, unknown));
      unreadable += readable ? 0 : 1;
    }
    assertThat(unreadable > 0).as("such a branch has occurred").isEqualTo(!unknown.isEmpty());
  }

  /** The one release whose readers let Avro compare fields and not names. */
  @ParameterizedTest
  @MethodSource("topicsOf010")
  void readersOf010TakeSomeBranchesForOthersAndFailOnTheRest(Topic topic, Schema old)
      throws IOException {
    Map<UnionBranch, String> taken = new TreeMap<>();
    for (UnionBranch branch : UnionBranch.unknownTo(old, topic.schema())) {
      Schema writer = branch.union(topic.schema());
      Object value = new RandomData(branch.schema(topic.schema()), 1, SEED).iterator().next();
      DatumReader<Object> reader = new GenericDatumReader<>(writer, branch.union(old));
      taken.put(branch, readAs(reader, written(writer, value)).orElse(""));
    }

    assertThat(taken).isEqualTo(Releases.unknownBranches("0.1.0", topic));
  }

  @ParameterizedTest
  @MethodSource("topicsOf010")
  void noUnknownBranchIsTakenForAnotherWhateverItsFields(Topic topic, Schema old)
      throws IOException {
    Schema reader = UnionsByName.of(topic.schema(), old);
    for (UnionBranch branch : UnionBranch.unknownTo(old, topic.schema())) {
      Schema writer = branch.union(topic.schema());
      Object value = new RandomData(branch.schema(topic.schema()), 1, SEED).iterator().next();

      assertThat(
              readAs(
                  new GenericDatumReader<>(writer, branch.union(reader)), written(writer, value)))
          .as("%s", branch)
          .isEmpty();
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("releasedTopics")
  void todaysReaderReadsAllThatWasEverWritten(String version, Topic topic, Schema old)
      throws IOException {
    DatumReader<Object> reader =
        new SpecificDatumReader<>(old, UnionsByName.of(old, topic.schema()));
    for (Object record : new RandomData(old, RECORDS, SEED)) {
      assertThat(read(reader, written(old, record))).isInstanceOf(SpecificRecord.class);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("headers")
  void headersAreReadOfAllThatWasEverWritten(String version, Topic topic, Schema header)
      throws IOException {
    Schema old = Releases.schema(version, topic).orElseThrow();
    for (Schema writer : List.of(old, topic.schema())) {
      DatumReader<Object> reader =
          new SpecificDatumReader<>(writer, UnionsByName.of(writer, header));
      for (Object record : new RandomData(writer, RECORDS, SEED)) {
        assertThat(read(reader, written(writer, record))).isInstanceOf(SpecificRecord.class);
      }
    }
  }

  private static byte[] written(Schema schema, Object record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<>(schema).write(record, encoder);
    return bytes.toByteArray();
  }

  private static Object read(DatumReader<Object> reader, byte[] bytes) throws IOException {
    return reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));
  }

  /** The name of the record that was read; empty where the bytes cannot be read. */
  private static Optional<String> readAs(DatumReader<Object> reader, byte[] bytes)
      throws IOException {
    try {
      return Optional.of(((IndexedRecord) read(reader, bytes)).getSchema().getName());
    } catch (AvroRuntimeException e) {
      return Optional.empty();
    }
  }
}
