package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.cli.chat.ChatClient;
import dev.tokenbus.cli.chat.ChatFailedException;
import dev.tokenbus.cli.chat.ChatMessage;
import dev.tokenbus.local.Home;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.local.LocalStack;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.runtime.lifecycle.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ctrl-C in {@code tokenbus up}, where everything stops together. */
class StoppedStackIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** It takes five minutes, and its model can neither be prefilled nor told to go on. */
  private static final String ENDLESS =
      """
      providers: { slow: { dialect: simulated, options: { tokens: 6000, tokens-per-second: 20 } } }
      models:    { endless: { provider: slow } }
      """;

  private final Home home = new Home(TestDirectories.create());

  @AfterEach
  void delete() {
    TestDirectories.delete(home.directory());
  }

  @Test
  void doesNotWaitForAStreamThatNobodyCouldContinue() throws Exception {
    Map<String, String> impatient = Map.of("TOKENBUS_DRAIN_MS", "500");
    CatalogueFile catalogue = CatalogueFile.parse("test", ENDLESS, impatient, Instant.now());
    LocalStack stack =
        LocalStack.start(
            new LocalSettings(home, TestPorts.free(), Map.of(), Optional.of(catalogue), impatient),
            Progress.SILENT,
            () -> false);
    CountDownLatch streams = new CountDownLatch(1);
    Thread client = Thread.ofVirtual().start(() -> ask(stack, streams));
    await().atMost(PATIENCE).until(() -> streams.getCount() == 0);

    long begin = System.nanoTime();
    stack.close();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    assertThat(client.join(PATIENCE)).as("the client has been cut off").isTrue();
  }

  private static void ask(LocalStack stack, CountDownLatch streams) {
    try (ChatClient client = new ChatClient(stack.url(), stack.key())) {
      client.ask("endless", List.of(new ChatMessage("user", "Hello")), text -> streams.countDown());
    } catch (ChatFailedException e) {
      // The stack stops before the stream ends.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
