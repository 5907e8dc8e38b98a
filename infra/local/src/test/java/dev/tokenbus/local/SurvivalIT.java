package dev.tokenbus.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.local.verify.Findings;
import dev.tokenbus.local.verify.Patience;
import dev.tokenbus.local.verify.Verification;
import dev.tokenbus.projections.UsageEvent;
import dev.tokenbus.projections.UsageQuery;
import dev.tokenbus.runtime.Addresses;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What clients see when processes die under them. Two of what is killed, one of the rest. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SurvivalIT {
  private static final Logger LOG = LoggerFactory.getLogger(SurvivalIT.class);
  private static final int TOKENS = 120;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final SeparatedForm form = new SeparatedForm();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final MockProvider mock = MockProvider.start(MockOptions.DEFAULT);
  private final int[] ports = {TestPorts.free(), TestPorts.free()};
  private final TokenbusProcess[] ingresses = new TokenbusProcess[2];
  private final TokenbusProcess[] workers = new TokenbusProcess[2];

  @BeforeAll
  void start() throws Exception {
    form.start("infra", "infra", "--port", String.valueOf(TestPorts.free())).awaitReady();
    form.apply(
        """
        providers:
          mock: { dialect: openai, base-url: "%s", slots: 1000 }
        models:
          text: { provider: mock, model: mock/%dx50ms }
        """
            .formatted(mock.baseUrl(), TOKENS));
    List<TokenbusProcess> apps = new ArrayList<>();
    apps.add(form.start("router", "router"));
    apps.add(form.start("projections", "projections"));
    for (int i = 0; i < 2; i++) {
      workers[i] = form.start("worker-" + i, "worker");
      ingresses[i] = form.ingress("ingress-" + i, ports[i]);
      apps.addAll(List.of(workers[i], ingresses[i]));
    }
    for (TokenbusProcess app : apps) {
      app.awaitReady();
    }
  }

  @AfterAll
  void stop() {
    threads.shutdownNow();
    http.shutdownNow();
    form.close();
    mock.close();
  }

  @Test
  void everyStreamGoesOnWhenItsWorkerIsKilled() throws Exception {
    List<PersistentClient> clients = clients(100);
    List<Future<PersistentClient>> answers = ask(clients, "worker");
    await().atMost(PATIENCE).until(() -> clients.stream().allMatch(client -> client.events() > 5));

    workers[0].close();
    List<PersistentClient> ended = results(answers);
    workers[0] = form.start("worker-again", "worker").awaitReady();

    assertRight(ended, "worker");
    Duration longest = longest(ended);
    LOG.atInfo().addKeyValue("longest_gap_ms", longest.toMillis()).log("worker killed");
    // The worker is missed after 3 s; the rest is for machines that do other things too.
    assertThat(longest).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(15));
    assertThat(ended).allMatch(client -> client.resumptions() == 0);
    assertBilledOnce(ended);
  }

  @Test
  void clientsOfADeadIngressGoOnAtTheOther() throws Exception {
    List<PersistentClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      clients.add(new PersistentClient(http, List.of(ingress(0), ingress(1)), key()));
    }
    List<Future<PersistentClient>> answers = ask(clients, "ingress");
    await().atMost(PATIENCE).until(() -> clients.stream().allMatch(client -> client.events() > 5));

    ingresses[0].close();
    List<PersistentClient> ended = results(answers);
    ingresses[0] = form.ingress("ingress-again", ports[0]).awaitReady();

    assertRight(ended, "ingress");
    LOG.atInfo()
        .addKeyValue("longest_gap_ms", longest(ended).toMillis())
        .log("ingress killed, clients came back to the other");
    assertThat(ended)
        .allSatisfy(client -> assertThat(client.ids()).doesNotHaveDuplicates())
        .allMatch(client -> client.resumptions() > 0);
    assertBilledOnce(ended);
  }

  @Test
  void oneKeyAtTwoIngressesAtOnceIsOneCallAndOneBill() throws Exception {
    for (int round = 0; round < 5; round++) {
      long calls = mock.requestCount();
      String body = body("once " + round);
      String key = "key-" + round;
      List<Future<PersistentClient>> answers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        PersistentClient client = new PersistentClient(http, List.of(ingress(i)), key());
        answers.add(threads.submit(() -> client.ask(body, "Idempotency-Key", key)));
      }
      List<PersistentClient> ended = results(answers);

      assertThat(ended.get(0).requestId()).isEqualTo(ended.get(1).requestId());
      assertThat(ended.get(0).data()).isEqualTo(ended.get(1).data());
      assertThat(ended.get(0).ids()).isEqualTo(ended.get(1).ids());
      assertThat(ended.get(0).text()).isEqualTo(MockText.text("once " + round, TOKENS));
      assertThat(mock.requestCount() - calls).isEqualTo(1);
      assertBilledOnce(List.of(ended.get(0)));
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void theBooksAgreeInTheEnd() throws Exception {
    try (Verification verification =
        new Verification(form.addresses(), Clock.systemUTC(), Patience.DEFAULT)) {
      Findings findings = verification.runUntilSettled(PATIENCE);
      assertThat(findings.differences()).isEmpty();
    }
  }

  private List<PersistentClient> clients(int count) throws IOException {
    List<PersistentClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(new PersistentClient(http, List.of(ingress(i % 2)), key()));
    }
    return clients;
  }

  private List<Future<PersistentClient>> ask(List<PersistentClient> clients, String prompt) {
    List<Future<PersistentClient>> answers = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      PersistentClient client = clients.get(i);
      String body = body(prompt + " " + i);
      answers.add(threads.submit(() -> client.ask(body)));
    }
    return answers;
  }

  private static List<PersistentClient> results(List<Future<PersistentClient>> answers)
      throws Exception {
    List<PersistentClient> ended = new ArrayList<>();
    for (Future<PersistentClient> answer : answers) {
      ended.add(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
    return ended;
  }

  private static void assertRight(List<PersistentClient> ended, String prompt) throws IOException {
    for (int i = 0; i < ended.size(); i++) {
      assertThat(ended.get(i).text()).isEqualTo(MockText.text(prompt + " " + i, TOKENS));
    }
  }

  private static Duration longest(List<PersistentClient> ended) {
    return ended.stream().map(PersistentClient::longestGap).max(Duration::compareTo).orElseThrow();
  }

  private void assertBilledOnce(List<PersistentClient> ended) throws IOException {
    UsageQuery usage = new UsageQuery(form.addresses().databaseUrl());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          List<UsageEvent> events = usage.latest(10_000);
          for (PersistentClient client : ended) {
            assertThat(events)
                .filteredOn(event -> event.requestId().toString().equals(client.requestId()))
                .singleElement()
                .satisfies(event -> {
                  assertThat(event.status()).isEqualTo("completed");
                  assertThat(event.outputTokens()).isEqualTo(TOKENS);
                });
          }
        });
  }

  private static String body(String prompt) {
    return "{\"model\":\"text\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
        + prompt
        + "\"}]}";
  }

  private URI ingress(int number) {
    return URI.create("http://127.0.0.1:" + ports[number]);
  }

  private String key() throws IOException {
    return form.addresses().require(Addresses.API_KEY);
  }
}
