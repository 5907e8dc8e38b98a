package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.cli.chat.ChatClient;
import dev.tokenbus.cli.chat.ChatFailedException;
import dev.tokenbus.cli.chat.ChatMessage;
import dev.tokenbus.embedded.home.AlreadyRunningException;
import dev.tokenbus.local.Home;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.local.LocalStack;
import dev.tokenbus.local.PortTakenException;
import dev.tokenbus.projections.query.UsageEvent;
import dev.tokenbus.projections.query.UsageQuery;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.lifecycle.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What somebody does on the first day: up, chat, usage, apply, stop, start again. */
class UpAndRestartIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private final Home home = new Home(TestDirectories.create());
  private final LocalSettings settings =
      new LocalSettings(home, TestPorts.free(), Map.of(), Optional.empty(), Map.of());

  @AfterEach
  void delete() {
    TestDirectories.delete(home.directory());
  }

  @Test
  void keepsWhatHappenedOverARestart() throws Exception {
    String key;
    try (LocalStack stack = LocalStack.start(settings, Progress.SILENT, () -> false)) {
      key = stack.key();
      assertThat(stack.demonstrationModel()).isEqualTo("simulated");
      assertThat(ask(stack, "simulated").size()).as("pieces of the stream").isGreaterThan(5);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertThat(usage().latest(10)).isNotEmpty();
            UsageEvent event = usage().latest(10).getFirst();
            assertThat(event.model()).isEqualTo("simulated");
            assertThat(event.status()).isEqualTo("completed");
            assertThat(event.tenant()).isEqualTo("default");
            assertThat(event.outputTokens()).isPositive();
          });

      saysWhyOpenAiDoesNotAnswer(stack);
      refusesASecondStart();
      servesANewModelWithoutARestart(stack);
    }

    try (LocalStack stack = LocalStack.start(settings, Progress.SILENT, () -> false)) {
      assertThat(stack.key()).isEqualTo(key);
      assertThat(usage().latest(10)).extracting(UsageEvent::model).contains("simulated");
      int before = usage().latest(100).size();

      assertThat(ask(stack, "fresh")).as("the applied catalogue stays").isNotEmpty();

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(usage().latest(100)).hasSize(before + 1));
    }
  }

  private void saysWhyOpenAiDoesNotAnswer(LocalStack stack) {
    assertThatThrownBy(() -> ask(stack, "gpt-5-mini"))
        .isInstanceOf(ChatFailedException.class)
        .hasMessageContaining("Provider openai has no API key")
        .message()
        .doesNotContain("OPENAI_API_KEY");
  }

  private void refusesASecondStart() {
    assertThatThrownBy(() -> LocalStack.start(settings, Progress.SILENT, () -> false))
        .isInstanceOf(PortTakenException.class)
        .hasMessageContaining("already running")
        .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
    LocalSettings otherPort =
        new LocalSettings(home, TestPorts.free(), Map.of(), Optional.empty(), Map.of());
    assertThatThrownBy(() -> LocalStack.start(otherPort, Progress.SILENT, () -> false))
        .isInstanceOf(AlreadyRunningException.class)
        .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
    Home otherHome = new Home(home.directory().resolve("other"));
    LocalSettings samePort =
        new LocalSettings(otherHome, settings.port(), Map.of(), Optional.empty(), Map.of());
    assertThatThrownBy(() -> LocalStack.start(samePort, Progress.SILENT, () -> false))
        .isInstanceOf(PortTakenException.class)
        .hasMessageContaining("in use by another program");
    assertThat(otherHome.directory()).as("nothing was started").doesNotExist();
  }

  private void servesANewModelWithoutARestart(LocalStack stack) throws Exception {
    Path file = home.directory().resolve("mine.yaml");
    Files.writeString(
        file,
        """
        providers:
          quick: { dialect: simulated, options: { tokens: 8, tokens-per-second: 1000 } }
        models:
          fresh: { provider: quick }
        """);

    CommandRun applied =
        CommandRun.of(Map.of(), "apply", "--home", home.directory().toString(), file.toString());

    assertThat(applied.exitCode()).as(applied.err()).isZero();
    assertThat(applied.out()).contains("added    model/fresh").contains("removed  model/gpt-5");
    await()
        .atMost(PATIENCE)
        .ignoreException(ChatFailedException.class)
        .untilAsserted(() -> assertThat(ask(stack, "fresh")).isNotEmpty());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThatThrownBy(() -> ask(stack, "simulated")).hasMessageContaining("404"));
    assertThat(
            CommandRun.of(Map.of(), "apply", "--home", home.directory().toString(), file.toString())
                .out())
        .contains("nothing to change");
  }

  private List<String> ask(LocalStack stack, String model) throws InterruptedException {
    List<String> pieces = new ArrayList<>();
    try (ChatClient client = new ChatClient(stack.url(), stack.key())) {
      client.ask(model, List.of(new ChatMessage("user", "Hello")), pieces::add);
    }
    return pieces;
  }

  private UsageQuery usage() throws IOException {
    return new UsageQuery(Addresses.of(Map.of(), home.directory()).databaseUrl());
  }
}
