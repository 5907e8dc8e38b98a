package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.projections.query.UsageEvent;
import dev.tokenbus.projections.query.UsageQuery;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.verify.Verification;
import dev.tokenbus.verify.findings.Findings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A separated form over a mock provider, whose models stream texts of one length; its clients, and
 * what must have become of what they asked for. Closing ends it all.
 */
final class StreamingForm implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int MOST_BILLS = 10_000;

  /** A model that takes 50 ms for a token. */
  static final String STEADY = "steady";

  /** A model that takes 400 ms for a token, for more streams than this machine could carry else. */
  static final String SLOW = "slow";

  private final int tokens;
  private final SeparatedForm form = new SeparatedForm();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final MockProvider mock = MockProvider.start(MockOptions.DEFAULT);

  /** Starts no process yet. */
  StreamingForm(int tokens) {
    this.tokens = tokens;
  }

  /** Returns when apps can be started. */
  void startInfra() throws IOException, InterruptedException {
    form.start("infra", "infra", "--port", String.valueOf(TestPorts.free())).awaitReady();
    form.apply(
        """
        providers:
          mock: { dialect: openai, base-url: "%s", slots: 2000 }
        models:
          %s: { provider: mock, model: mock/%dx50ms }
          %s: { provider: mock, model: mock/%dx400ms }
        """
            .formatted(mock.baseUrl(), STEADY, tokens, SLOW, tokens));
  }

  SeparatedForm form() {
    return form;
  }

  MockProvider mock() {
    return mock;
  }

  /** A virtual thread for each task. */
  ExecutorService threads() {
    return threads;
  }

  PersistentClient persistent(List<URI> ingresses) throws IOException {
    return new PersistentClient(http, ingresses, key());
  }

  PlainClient plain(List<URI> ingresses) throws IOException {
    return new PlainClient(http, ingresses, key());
  }

  private String key() throws IOException {
    return form.addresses().require(Addresses.API_KEY);
  }

  /** A request whose answer is determined by the prompt. */
  static String body(String model, String prompt) {
    return "{\"model\":\""
        + model
        + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
        + prompt
        + "\"}]}";
  }

  /** What a prompt must be answered with. */
  String text(String prompt) {
    return MockText.text(prompt, tokens);
  }

  /** Every client asks at the same time, with the prompt and its number. */
  List<Future<PersistentClient>> ask(List<PersistentClient> clients, String model, String prompt) {
    return IntStream.range(0, clients.size())
        .mapToObj(i -> threads.submit(() -> clients.get(i).ask(body(model, numbered(prompt, i)))))
        .toList();
  }

  /** Waits for all; fails as the first that has failed. */
  static List<PersistentClient> results(List<Future<PersistentClient>> answers) throws Exception {
    List<PersistentClient> ended = new ArrayList<>();
    for (Future<PersistentClient> answer : answers) {
      ended.add(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
    return ended;
  }

  /** That clients of {@link #ask} have got their texts. */
  void assertRight(List<PersistentClient> ended, String prompt) throws IOException {
    for (int i = 0; i < ended.size(); i++) {
      assertThat(ended.get(i).text()).isEqualTo(text(numbered(prompt, i)));
    }
  }

  private static String numbered(String prompt, int number) {
    return prompt + " " + number;
  }

  /** That there comes to be one bill for each request, over all its tokens. */
  void assertBilledOnce(Collection<String> requestIds) throws IOException {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          Map<String, List<UsageEvent>> bills =
              bills().stream().collect(Collectors.groupingBy(bill -> bill.requestId().toString()));
          for (String requestId : requestIds) {
            assertThat(bills.getOrDefault(requestId, List.of()))
                .as("bills of %s", requestId)
                .singleElement()
                .satisfies(bill -> {
                  assertThat(bill.status()).isEqualTo("completed");
                  assertThat(bill.outputTokens()).isEqualTo(tokens);
                });
          }
        });
  }

  /** All of them. */
  List<UsageEvent> bills() throws IOException {
    return new UsageQuery(form.addresses().databaseUrl()).latest(MOST_BILLS);
  }

  /** That everything ends and is written down, without a difference anywhere. */
  Findings assertBooksAgree() throws IOException, InterruptedException {
    Addresses addresses = form.addresses();
    try (Verification verification = Verifications.of(addresses)) {
      Findings findings = verification.runUntilSettled(PATIENCE);
      assertThat(findings.differences()).isEmpty();
      assertThat(findings.settled()).isTrue();
      return findings;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    http.shutdownNow();
    form.close();
    mock.close();
  }
}
