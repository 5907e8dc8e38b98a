package dev.tokenbus.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tokenbus.bench.http.EventLoop;
import dev.tokenbus.bench.http.HeaderFields;
import dev.tokenbus.bench.http.MockServer;
import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadGeneratorTest {
  private static final Arrival FIVE_CLIENTS = new Arrival.ClosedLoop(5, Duration.ZERO);

  private MockProvider mock;

  @BeforeEach
  void start() {
    mock = MockProvider.start();
  }

  @AfterEach
  void stop() {
    mock.close();
  }

  private static LoadPlan brief(LoadPlan plan) {
    return plan.withTimes(Duration.ZERO, Duration.ofMillis(400));
  }

  private LoadPlan plan(String model, int tokens) {
    return brief(LoadPlan.streaming(mock.baseUrl(), model, tokens, FIVE_CLIENTS));
  }

  @Test
  void sendsABatchOnceWithSoManyAtATime() throws InterruptedException {
    LoadResult result =
        LoadGenerator.run(
            LoadPlan.streaming(mock.baseUrl(), "mock/4x0/answer-50ms", 4, new Arrival.Batch(3, 9))
                .whole()
                .withTimes(Duration.ZERO, Duration.ofMinutes(1)));

    assertThat(result.problems()).isEmpty();
    assertThat(result.requests()).isEqualTo(9);
    assertThat(result.allComplete()).isTrue();
    assertThat(mock.requestCount()).isEqualTo(9);
    // Three rounds of 50 ms, not nine and not one.
    assertThat(result.measured()).isBetween(Duration.ofMillis(140), Duration.ofMillis(440));
  }

  @Test
  void measuresSteadyLoadForAsLongAsTheBatchBesideItRuns() throws InterruptedException {
    LoadPlan steady =
        LoadPlan.streaming(mock.baseUrl(), "mock/2x0", 2, new Arrival.OpenLoop(100))
            .withTimes(Duration.ofMillis(300), Duration.ofMinutes(1));
    LoadPlan batch =
        LoadPlan.streaming(mock.baseUrl(), "mock/4x0/answer-250ms", 4, new Arrival.Batch(1, 2))
            .whole()
            .withPromptCharacters(200_000)
            .withTimes(Duration.ZERO, Duration.ofMinutes(1));

    LoadGenerator.Pair pair = LoadGenerator.runBeside(steady, batch);

    assertThat(pair.batch().allComplete()).isTrue();
    assertThat(pair.batch().requests()).isEqualTo(2);
    assertThat(pair.steady().problems()).isEmpty();
    // Half a second at 100 a second; its 300 ms of warm-up do not count.
    assertThat(pair.steady().requests()).isBetween(40L, 90L);
  }

  @Test
  void fillsLongPromptsWithWhatCannotBeCompressed() {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    new RequestText(
            LoadPlan.streaming(mock.baseUrl(), "mock/2x0", 2, FIVE_CLIENTS)
                .withPromptCharacters(1_000_000))
        .next()
        .pieces()
        .forEach(request::writeBytes);
    byte[] body = request.toByteArray();
    Deflater deflater = new Deflater();
    deflater.setInput(body);
    deflater.finish();

    int compressed = deflater.deflate(new byte[body.length]);
    deflater.end();

    assertThat(body).hasSizeGreaterThan(1_000_000);
    assertThat(compressed).isGreaterThan(700_000);
  }

  @Test
  void countsEveryStreamAndEveryToken() throws InterruptedException {
    LoadResult result =
        LoadGenerator.run(
            plan("mock/20x5ms", 20).withTimes(Duration.ofMillis(200), Duration.ofSeconds(1)));

    assertThat(result.problems()).isEmpty();
    assertThat(result.allComplete()).isTrue();
    assertThat(result.requests()).isBetween(5L, 60L);
    assertThat(result.firstToken().count()).isEqualTo(result.requests());
    assertThat(result.gaps().count()).isEqualTo(result.requests() * 19);
    assertThat(result.gaps().p50()).isGreaterThan(3.0);
    assertThat(result.total().min()).isGreaterThanOrEqualTo(95.0);
    assertThat(mock.requestCount()).isGreaterThan(result.requests());
    assertThat(result.tokensPerSecond()).isCloseTo(result.requestsPerSecond() * 20, within(200.0));
  }

  @Test
  void countsWholeAnswers() throws InterruptedException {
    LoadResult result = LoadGenerator.run(plan("mock/20x0/answer-10ms", 20).whole());

    assertThat(result.allComplete()).isTrue();
    assertThat(result.requests()).isGreaterThan(20);
    assertThat(result.total().min()).isGreaterThanOrEqualTo(10.0);
    assertThat(mock.requestCount()).isEqualTo(result.requests());
  }

  @ParameterizedTest
  @CsvSource({
    "mock/20x1ms/cut-5, cut off",
    "mock/20x1ms/reset-5, connection reset",
    "mock/19x0, tokens missing at the end",
    "mock/21x0, other text than expected",
    "mock/20x0/salt-1, other text than expected",
    "mock/20x0/nodone, no [DONE]",
    "mock/20x0/malformed-3, malformed JSON",
    "mock/20x0/error-3, error event",
    "mock/status-503, status 503",
    "mock/20x0/stall-3, time-out"
  })
  void noticesWhatIsWrongWithAStream(String model, String problem) throws InterruptedException {
    boolean stalls = model.contains("stall");
    Duration timeout = stalls ? Duration.ofMillis(300) : Duration.ofMinutes(1);
    LoadResult result = LoadGenerator.run(plan(model, 20).withTimeout(timeout));

    assertThat(result.requests()).isPositive();
    assertThat(result.complete()).isZero();
    assertThat(result.problems()).isEqualTo(Map.of(problem, result.requests()));
  }

  @Test
  void noticesOneTokenMissingInTheMiddle() throws InterruptedException {
    Behaviour gap =
        Behaviour.PLAIN.withContent(Behaviour.PLAIN.content().withScript(List.of("a", " c")));
    LoadPlan plan = plan("mock", 3);
    mock.behave(gap);

    assertThat(LoadGenerator.run(plan).problems()).containsOnlyKeys("other text than expected");
  }

  @Test
  void readsStreamsHoweverTheyAreSplit() throws InterruptedException {
    LoadResult result = LoadGenerator.run(plan("mock/12x0/split-40/crlf/comments/separators", 0));

    assertThat(result.requests()).isPositive();
    assertThat(result.allComplete()).isTrue();
    assertThat(result.gaps().count()).isEqualTo(result.requests() * 11);
  }

  @Test
  void sendsTheKey() throws InterruptedException {
    try (MockProvider locked = MockProvider.start(MockOptions.DEFAULT.withApiKey("sk-1"))) {
      LoadPlan plan = brief(LoadPlan.streaming(locked.baseUrl(), "mock", 16, FIVE_CLIENTS));

      assertThat(LoadGenerator.run(plan).problems()).containsOnlyKeys("status 401");
      assertThat(LoadGenerator.run(plan.withApiKey("sk-1")).allComplete()).isTrue();
    }
  }

  @Test
  void saysWhenNobodyIsThere() throws InterruptedException {
    mock.close();

    assertThat(LoadGenerator.run(plan("mock", 16)).problems()).containsOnlyKeys("cannot connect");
  }

  @Test
  void keepsTheRateOfAnOpenLoop() throws InterruptedException {
    LoadPlan plan =
        LoadPlan.streaming(mock.baseUrl(), "mock/2x0/first-300ms", 2, new Arrival.OpenLoop(200))
            .withTimes(Duration.ofMillis(500), Duration.ofSeconds(1));

    LoadResult result = LoadGenerator.run(plan);

    assertThat(result.requests()).isEqualTo(200);
    assertThat(result.allComplete()).isTrue();
    assertThat(mock.requestCount()).isEqualTo(300);
  }

  @Test
  void letsEveryRequestFeelAStallThatItWouldHaveMet() throws InterruptedException {
    try (EventLoop loop = EventLoop.start("stalling");
        MockServer server = stallingOnce(loop, Duration.ofMillis(400))) {
      URI base = URI.create("http://127.0.0.1:" + server.address().getPort() + "/v1");
      LoadPlan plan =
          LoadPlan.streaming(base, "any", 0, new Arrival.OpenLoop(100))
              .withTimes(Duration.ZERO, Duration.ofSeconds(1));

      LoadResult result = LoadGenerator.run(plan);

      // 40 of 100 requests were due during the stall: they waited 400, 390, … 10 ms.
      assertThat(result.requests()).isEqualTo(100);
      assertThat(result.firstToken().max()).isGreaterThanOrEqualTo(390);
      assertThat(result.firstToken().p90()).isGreaterThanOrEqualTo(250);
    }
  }

  private static MockServer stallingOnce(EventLoop loop, Duration stall) {
    AtomicBoolean stalled = new AtomicBoolean();
    byte[] events =
        "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
            .getBytes(StandardCharsets.UTF_8);
    return MockServer.start(
        loop,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        10_000,
        (request, exchange) -> {
          if (stalled.compareAndSet(false, true)) {
            long until = System.nanoTime() + stall.toNanos();
            while (System.nanoTime() < until) {
              LockSupport.parkNanos(until - System.nanoTime());
            }
          }
          exchange.respond(200, HeaderFields.of("Content-Type", "text/event-stream"), events);
        });
  }
}
