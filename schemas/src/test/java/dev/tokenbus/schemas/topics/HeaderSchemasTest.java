package dev.tokenbus.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptEventHeader;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestHeader;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A header is its record without what an older reader may not understand: no field of it may be
 * forgotten, or say something else.
 */
class HeaderSchemasTest {
  static Stream<Arguments> headers() {
    return Stream.of(
        Arguments.of(
            RequestHeader.getClassSchema(), RequestAccepted.getClassSchema(), List.of("body")),
        Arguments.of(ReplyHeader.getClassSchema(), Reply.getClassSchema(), List.of("event")),
        Arguments.of(
            AttemptEventHeader.getClassSchema(), AttemptEvent.getClassSchema(), List.of("event")));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void hasEveryFieldButThoseLeftOut(Schema header, Schema whole, List<String> leftOut) {
    assertThat(header.getFields().stream().map(HeaderSchemasTest::meaning))
        .containsExactlyElementsOf(
            whole.getFields().stream()
                .filter(field -> !leftOut.contains(field.name()))
                .map(HeaderSchemasTest::meaning)
                .toList());
  }

  @ParameterizedTest
  @MethodSource("headers")
  void readsWhatTheWholeRecordsWritersWrite(Schema header, Schema whole, List<String> leftOut) {
    assertThat(
            SchemaCompatibility.checkReaderWriterCompatibility(
                    header, Schema.applyAliases(whole, header))
                .getType())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  private static String meaning(Schema.Field field) {
    return field.name() + " " + field.schema() + " " + field.defaultVal();
  }
}
