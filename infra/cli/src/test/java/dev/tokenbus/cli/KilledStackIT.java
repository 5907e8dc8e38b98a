package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.verify.Verification;
import dev.tokenbus.verify.findings.Findings;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code tokenbus up}, all in one process, killed under load and started again. */
class KilledStackIT {
  private static final int STREAMS = 40;
  private static final int TOKENS = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private final SeparatedForm form = new SeparatedForm();

  @AfterEach
  void killAndDelete() {
    form.close();
  }

  @Test
  void everyRequestEndsOnceAndEveryStreamGoesOn() throws Exception {
    String port = String.valueOf(TestPorts.free());
    URI url = URI.create("http://127.0.0.1:" + port);
    try (MockProvider mock = MockProvider.start(MockOptions.DEFAULT);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      Path catalogue = Files.createTempFile("catalogue", ".yaml");
      Files.writeString(
          catalogue,
          """
          providers:
            mock: { dialect: openai, base-url: "%s" }
          models:
            text: { provider: mock, model: mock/%dx50ms }
          """
              .formatted(mock.baseUrl(), TOKENS));
      String[] up = {"up", "--port", port, "--catalogue", catalogue.toString()};
      TokenbusProcess first = form.start("up-1", up).awaitReady();
      String key = form.addresses().require(Addresses.API_KEY);
      List<PersistentClient> clients = new ArrayList<>();
      List<Future<PersistentClient>> answers = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        PersistentClient client = new PersistentClient(http, List.of(url), key);
        String body =
            "{\"model\":\"text\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"up "
                + i
                + "\"}]}";
        clients.add(client);
        answers.add(threads.submit(() -> client.ask(body)));
      }
      await()
          .atMost(PATIENCE)
          .until(() -> clients.stream().allMatch(client -> client.events() > 5));

      first.close();
      form.start("up-2", up).awaitReady();

      for (int i = 0; i < STREAMS; i++) {
        PersistentClient ended = answers.get(i).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(ended.text()).isEqualTo(MockText.text("up " + i, TOKENS));
        assertThat(ended.ids()).doesNotHaveDuplicates();
        assertThat(ended.resumptions()).isPositive();
      }
      try (Verification verification = Verifications.of(form.addresses())) {
        Findings findings = verification.runUntilSettled(PATIENCE);
        assertThat(findings.differences()).isEmpty();
        assertThat(findings.settled()).isTrue();
      }
      Files.delete(catalogue);
    }
  }
}
