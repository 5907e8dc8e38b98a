package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.chaos.fleet.Postmaster;
import dev.tokenbus.chaos.fleet.StopOutcome;
import dev.tokenbus.cli.chat.ChatClient;
import dev.tokenbus.cli.chat.ChatMessage;
import dev.tokenbus.local.Home;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.local.LocalStack;
import dev.tokenbus.projections.query.UsageEvent;
import dev.tokenbus.projections.query.UsageQuery;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.verify.Verification;
import dev.tokenbus.verify.findings.Findings;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL goes away and comes back: no request waits for it, and no row is missing then. */
class DatabaseAwayIT {
  private static final int TOKENS = 20;
  private static final int BEFORE = 5;
  private static final int MEANWHILE = 40;
  private static final int AFTERWARDS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Home home = new Home(TestDirectories.create());
  private final Queue<String> told = new ConcurrentLinkedQueue<>();

  @AfterEach
  void delete() {
    TestDirectories.delete(home.directory());
  }

  @Test
  void requestsGoOnAndTheTablesCatchUp() throws Exception {
    try (MockProvider mock = MockProvider.start(MockOptions.DEFAULT);
        LocalStack stack = LocalStack.start(settings(mock), told::add, () -> false);
        ChatClient client = new ChatClient(stack.url(), stack.key())) {
      Addresses addresses = Addresses.of(stack.environment());
      UsageQuery usage = new UsageQuery(addresses.databaseUrl());
      ask(client, "before", BEFORE);
      awaitRows(usage, BEFORE);

      Postmaster postmaster =
          new Postmaster(
              home.directory().resolve("postgres"), home.directory().resolve("postgres.log"));
      assertThat(postmaster.stop()).isEqualTo(StopOutcome.STOPPED);
      try {
        assertThatThrownBy(() -> usage.latest(1)).hasRootCauseInstanceOf(ConnectException.class);
        ask(client, "meanwhile", MEANWHILE);
        awaitTold("database is not working");
        awaitTold("projections is not working");
        // Requests do not need it, so no load balancer shall take the ingress away for it.
        assertThat(health(stack)).isEqualTo(200);
        ask(client, "still", 1);
      } finally {
        postmaster.start();
      }

      awaitTold("projections is working again");
      ask(client, "afterwards", AFTERWARDS);
      int all = BEFORE + MEANWHILE + 1 + AFTERWARDS;
      awaitRows(usage, all);
      assertAgree(addresses, all);
      assertThat(usage.latest(1000)).as("bills once everything has settled").hasSize(all);
    }
  }

  private LocalSettings settings(MockProvider mock) {
    String catalogue =
        """
        providers:
          mock: { dialect: openai, base-url: "%s" }
        models:
          text: { provider: mock, model: mock/%dx2ms }
        """
            .formatted(mock.baseUrl(), TOKENS);
    return new LocalSettings(
        home,
        TestPorts.free(),
        Map.of(),
        Optional.of(CatalogueFile.parse("test", catalogue, Map.of(), Instant.now())),
        Map.of());
  }

  private static void ask(ChatClient client, String name, int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      String prompt = name + " " + i;
      assertThat(client.ask("text", List.of(new ChatMessage("user", prompt)), _ -> {}))
          .isEqualTo(MockText.text(prompt, TOKENS));
    }
  }

  private void awaitTold(String line) {
    await().atMost(PATIENCE).until(() -> told.stream().anyMatch(said -> said.contains(line)));
  }

  private static void awaitRows(UsageQuery usage, int count) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(usage.latest(1000))
                .hasSize(count)
                .allSatisfy(bill -> {
                  assertThat(bill.status()).isEqualTo("completed");
                  assertThat(bill.outputTokens()).isEqualTo(TOKENS);
                })
                .extracting(UsageEvent::requestId)
                .doesNotHaveDuplicates());
  }

  private static void assertAgree(Addresses addresses, int requests) throws InterruptedException {
    try (Verification verification = Verifications.of(addresses)) {
      Findings findings = verification.runUntilSettled(PATIENCE);
      assertThat(findings.differences()).isEmpty();
      assertThat(findings.settled()).isTrue();
      assertThat(findings.topics().accepted()).isEqualTo(requests);
      assertThat(findings.tables()).isEqualTo(findings.topics());
    }
  }

  private static int health(LocalStack stack) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(stack.url() + "/health/ready")).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
