package dev.tokenbus.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.cli.Tokenbus;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.embedded.BackbonePart;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.runtime.config.Addresses;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandLineTest {
  @TempDir private Path directory = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void hasEveryCommandWithHelp() {
    assertThat(Tokenbus.commandLine(session(Map.of())).getSubcommands().keySet())
        .containsExactlyInAnyOrder(
            "up",
            "apply",
            "chat",
            "usage",
            "topics",
            "infra",
            "ingress",
            "router",
            "metering",
            "finalize-upgrade",
            "worker",
            "projections",
            "bench",
            "mock-provider",
            "verify",
            "chaos");
    for (String command : Tokenbus.commandLine(session(Map.of())).getSubcommands().keySet()) {
      StringWriter help = new StringWriter();
      CommandLine line = Tokenbus.commandLine(session(Map.of()));
      line.setOut(new PrintWriter(help));

      assertThat(line.execute(command, "--help")).as(command).isZero();
      assertThat(help.toString()).contains("Usage: tokenbus " + command);
    }
  }

  @Test
  void tellsWrongUsageInALineOrTwoAndEndsWithTwo() {
    assertThat(execute("aply", "x")).isEqualTo(2);
    assertThat(errors()).contains("'aply'").contains("tokenbus apply");
    assertThat(execute()).isEqualTo(2);
    assertThat(errors()).contains("no command was given");
    assertThat(execute("up", "--port", "http")).isEqualTo(2);
    assertThat(errors()).contains("--port").contains("http").doesNotContain("\tat ");
  }

  @Test
  void tellsAFailureWithoutItsStackAndEndsWithOne() {
    Path nowhere = directory.resolve("nowhere.yaml");

    assertThat(execute("apply", nowhere.toString())).isEqualTo(1);

    assertThat(errors())
        .isEqualTo("tokenbus: there is no file " + nowhere + System.lineSeparator());
  }

  @Test
  void showsWhereAFailureCameFromWhenAsked() {
    assertThat(execute("apply", "-v", directory.resolve("nowhere.yaml").toString())).isEqualTo(1);

    assertThat(errors()).contains("\tat dev.tokenbus.cli.command");
  }

  @Test
  void tellsEveryProblemOfACatalogueBeforeItStartsAnything() throws IOException {
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file, "providers: { a: { dialect: cobol } }\nmodels: { m: { provider: b } }\n");

    assertThat(execute("apply", "--check", file.toString())).isEqualTo(1);
    assertThat(errors())
        .contains(file + ":1: providers.a.dialect: no dialect named cobol")
        .contains(file + ":2: models.m.provider: no provider named b; known: a");
    assertThat(execute("up", "--catalogue", file.toString(), "--home", directory + "/h"))
        .isEqualTo(1);
    assertThat(errors()).contains("models.m.provider");
    assertThat(directory.resolve("h")).doesNotExist();
  }

  @Test
  void checksACatalogueWithoutApplyingIt() throws IOException {
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file, "providers: { a: { dialect: simulated } }\nmodels: { m: { provider: a } }\n");

    assertThat(execute("apply", "--check", file.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("a catalogue of 2 entries");
  }

  @Test
  void saysWhatIsMissingWhereThereAreNoAddresses() {
    assertThat(execute("chat", "--home", directory.toString(), "hello")).isEqualTo(1);

    assertThat(errors()).contains("TOKENBUS_URL is not set").contains(directory.toString());
  }

  @Test
  void takesPortsCatalogueAndHome() {
    BackboneOptions options = new BackboneOptions();
    parse(options, "--port", "9000", "--home", directory.toString(), "--kafka-port", "9092");

    LocalSettings settings = options.settings(session(Map.of()));

    assertThat(settings.port()).isEqualTo(9000);
    assertThat(settings.home().directory()).isEqualTo(directory);
    assertThat(settings.backbonePorts()).isEqualTo(Map.of(BackbonePart.BROKER, 9092));
    assertThat(settings.catalogue()).isEmpty();
  }

  @Test
  void findsTheHomeInTheOptionThenTheEnvironmentThenTheCheckout() {
    HomeOption none = new HomeOption();
    parse(none);
    HomeOption named = new HomeOption();
    parse(named, "--home", "/named");
    Session session = session(Map.of("TOKENBUS_HOME", "/environment"));

    assertThat(named.home(session).directory()).isEqualTo(Path.of("/named"));
    assertThat(none.home(session).directory()).isEqualTo(Path.of("/environment"));
    assertThat(none.home(session(Map.of())).directory()).isEqualTo(directory.resolve("default"));
  }

  @Test
  void prefersANamedHomeToTheEnvironmentAndTheEnvironmentToADefaultHome() throws IOException {
    Files.writeString(directory.resolve(Addresses.FILE), "TOKENBUS_URL=http://home:1\n");
    Session session =
        session(
            Map.of(
                "TOKENBUS_URL",
                "http://environment:1",
                "TOKENBUS_API_KEY",
                "k",
                "TOKENBUS_HOME",
                directory.toString()));
    HomeOption named = new HomeOption();
    parse(named, "--home", directory.toString());
    HomeOption unnamed = new HomeOption();
    parse(unnamed);

    assertThat(named.addresses(session).require(Addresses.URL)).isEqualTo("http://home:1");
    assertThat(named.addresses(session).require(Addresses.API_KEY)).isEqualTo("k");
    assertThat(unnamed.addresses(session).require(Addresses.URL)).isEqualTo("http://environment:1");
  }

  private int execute(String... arguments) {
    return Tokenbus.commandLine(session(Map.of())).execute(arguments);
  }

  private String errors() {
    String text = err.toString(StandardCharsets.UTF_8);
    err.reset();
    return text;
  }

  private Session session(Map<String, String> environment) {
    return new Session(
        environment,
        directory.resolve("default"),
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private static void parse(Object options, String... arguments) {
    CommandLine line = new CommandLine(CommandLine.Model.CommandSpec.create());
    line.addMixin("options", options);
    line.parseArgs(arguments);
  }
}
