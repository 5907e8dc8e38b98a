package dev.tokenbus.ingress.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenbus.ingress.protocol.openai.chat.OpenAiChatDialect;
import dev.tokenbus.schemas.avro.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DialectsTest {
  private static final Path PROTOCOL = Path.of("src/main/java/dev/tokenbus/ingress/protocol");

  @Test
  void findsADialectByItsProtocol() {
    Dialects dialects = new Dialects(List.of(new OpenAiChatDialect()));

    assertThat(dialects.of(Protocol.OPENAI_CHAT)).isPresent();
    assertThat(dialects.of(Protocol.GEMINI_GENERATE)).isEmpty();
    assertThat(dialects.methods("/v1/models/org/model-1")).containsExactly("GET");
    assertThat(dialects.methods("/v1/chat/completions/x")).isEmpty();
  }

  @Test
  void refusesTwoDialectsOfOneProtocol() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dialects(List.of(new OpenAiChatDialect(), new OpenAiChatDialect())));
  }

  /** Dialects of one vendor share the package above theirs and know nothing of each other. */
  @Test
  void dialectsDoNotImportOneAnother() throws IOException {
    for (Path dialect : packages()) {
      List<String> foreign =
          packages().stream()
              .filter(other -> !dialect.startsWith(other) && !other.startsWith(dialect))
              .map(DialectsTest::name)
              .toList();
      List<String> below =
          packages().stream()
              .filter(other -> other.startsWith(dialect) && !other.equals(dialect))
              .map(DialectsTest::name)
              .toList();
      for (Path file : javaFiles(dialect)) {
        assertThat(Files.readAllLines(file))
            .as("imports of %s", file)
            .noneMatch(line -> imports(line, foreign) || imports(line, below));
      }
    }
  }

  private static boolean imports(String line, List<String> packages) {
    return line.startsWith("import ") && packages.stream().anyMatch(name -> line.contains(name));
  }

  private static String name(Path directory) {
    return "dev.tokenbus.ingress.protocol."
        + PROTOCOL.relativize(directory).toString().replace('/', '.')
        + ".";
  }

  private static List<Path> packages() throws IOException {
    try (Stream<Path> paths = Files.walk(PROTOCOL)) {
      return paths.filter(Files::isDirectory).filter(path -> !path.equals(PROTOCOL)).toList();
    }
  }

  private static List<Path> javaFiles(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.filter(path -> path.toString().endsWith(".java")).toList();
    }
  }
}
