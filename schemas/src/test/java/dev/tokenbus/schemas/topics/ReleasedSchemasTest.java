package dev.tokenbus.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;

/**
 * Holds today's schemas against every released one. {@code -Dfreeze=VERSION} writes today's to
 * {@code released/VERSION}, once, when that version is released.
 */
class ReleasedSchemasTest {
  private static final Path RELEASED = Path.of("released");

  @Test
  void everyReleasedRecordCanBeReadToday() throws IOException {
    String freeze = System.getProperty("freeze");
    if (freeze != null) {
      freeze(RELEASED.resolve(freeze));
    }
    List<String> broken = new ArrayList<>();
    for (Path release : releases()) {
      for (Topic topic : topics()) {
        Path file = release.resolve(topic.subject() + ".avsc");
        if (Files.exists(file)) {
          Schema written = new Schema.Parser().parse(Files.readString(file));
          SchemaCompatibility.SchemaPairCompatibility pair =
              SchemaCompatibility.checkReaderWriterCompatibility(topic.schema(), written);
          if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
            broken.add(file + ": " + pair.getResult().getIncompatibilities());
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void noReleasedSubjectHasVanished() throws IOException {
    List<String> subjects = topics().stream().map(topic -> topic.subject() + ".avsc").toList();
    for (Path release : releases()) {
      try (Stream<Path> files = Files.list(release)) {
        assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf(subjects);
      }
    }
  }

  private static List<Path> releases() throws IOException {
    try (Stream<Path> directories = Files.list(RELEASED)) {
      List<Path> releases = directories.filter(Files::isDirectory).toList();
      assertThat(releases).as("at least one release is frozen").isNotEmpty();
      return releases;
    }
  }

  private static void freeze(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Topic topic : topics()) {
      Files.writeString(
          directory.resolve(topic.subject() + ".avsc"),
          new ObjectMapper().readTree(topic.schema().toString()).toPrettyString() + "\n");
    }
  }

  private static List<Topic> topics() {
    return Topics.documented();
  }
}
