package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.cli.chat.ChatClient;
import dev.tokenbus.cli.chat.ChatMessage;
import dev.tokenbus.projections.query.UsageEvent;
import dev.tokenbus.projections.query.UsageQuery;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Broker, registry and database as one process, and two of each app as processes of their own. */
class SeparatedFormIT {
  private static final int TOKENS = 30;
  private static final int REQUESTS_PER_INGRESS = 20;

  private final SeparatedForm form = new SeparatedForm();

  @AfterEach
  void killAndDelete() {
    form.close();
  }

  @Test
  void servesThroughBothIngressesAndStopsCleanly() throws Exception {
    try (MockProvider mock = MockProvider.start(MockOptions.DEFAULT)) {
      TokenbusProcess infra =
          form.start("infra", "infra", "--port", String.valueOf(TestPorts.free())).awaitReady();
      form.apply(
          """
          providers:
            mock: { dialect: openai, base-url: "%s" }
          models:
            text: { provider: mock, model: mock/%dx2ms }
          """
              .formatted(mock.baseUrl(), TOKENS));
      List<Integer> ports = List.of(TestPorts.free(), TestPorts.free());
      List<TokenbusProcess> apps = new ArrayList<>();
      for (int instance = 0; instance < 2; instance++) {
        apps.add(form.start("router-" + instance, "router"));
        apps.add(form.start("worker-" + instance, "worker"));
        apps.add(form.start("projections-" + instance, "projections"));
        apps.add(form.ingress("ingress-" + instance, ports.get(instance)));
      }
      for (TokenbusProcess app : apps) {
        app.awaitReady();
      }
      Addresses addresses = form.addresses();

      for (int port : ports) {
        try (ChatClient client =
            new ChatClient("http://127.0.0.1:" + port, addresses.require(Addresses.API_KEY))) {
          for (int request = 0; request < REQUESTS_PER_INGRESS; request++) {
            String prompt = "request " + request + " at " + port;
            assertThat(client.ask("text", List.of(new ChatMessage("user", prompt)), _ -> {}))
                .isEqualTo(MockText.text(prompt, TOKENS));
          }
        }
      }

      UsageQuery usage = new UsageQuery(addresses.databaseUrl());
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            List<UsageEvent> events = usage.latest(1000);
            assertThat(events).hasSize(2 * REQUESTS_PER_INGRESS);
            assertThat(events)
                .allSatisfy(event -> {
                  assertThat(event.status()).isEqualTo("completed");
                  assertThat(event.outputTokens()).isEqualTo(TOKENS);
                });
          });
      for (TokenbusProcess app : apps) {
        assertThat(app.stop()).as(app.output()).isEqualTo(TokenbusProcess.SIGTERM_EXIT);
        assertThat(app.output()).contains("stopping").doesNotContain("did not stop");
      }
      assertThat(infra.stop()).isEqualTo(TokenbusProcess.SIGTERM_EXIT);
    }
  }
}
