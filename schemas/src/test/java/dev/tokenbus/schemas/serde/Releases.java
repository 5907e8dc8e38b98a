package dev.tokenbus.schemas.serde;

import dev.tokenbus.schemas.topics.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/** The frozen schemas of the versions that were released. */
final class Releases {
  private static final Path RELEASED = Path.of("released");
  private static final Path UNREADABLE = Path.of("src", "test", "resources", "unreadable-by");

  private Releases() {}

  static List<String> versions() {
    try (Stream<Path> directories = Files.list(RELEASED)) {
      return directories
          .filter(Files::isDirectory)
          .map(directory -> directory.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty where the version did not have the topic. */
  static Optional<Schema> schema(String version, Topic topic) {
    Path file = RELEASED.resolve(version).resolve(topic.subject() + ".avsc");
    return Files.exists(file)
        ? Optional.of(new Schema.Parser().parse(read(file)))
        : Optional.empty();
  }

  /**
   * Branches that readers of the version do not know, and what they take them for; an empty text
   * where they fail. None where no file lists any.
   */
  static Map<UnionBranch, String> unknownBranches(String version, Topic topic) {
    Path file = UNREADABLE.resolve(version + ".txt");
    Map<UnionBranch, String> listed = new TreeMap<>();
    if (Files.exists(file)) {
      String prefix = topic.subject() + " ";
      read(file)
          .lines()
          .filter(line -> line.startsWith(prefix))
          .map(line -> line.substring(prefix.length()).split(" read as ", 2))
          .forEach(
              parts -> listed.put(UnionBranch.parse(parts[0]), parts.length == 2 ? parts[1] : ""));
    }
    return listed;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
