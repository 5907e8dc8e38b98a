package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.avro.WorkerState;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerAppIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Backbone backbone;
  private MockProvider mock;
  private WorkerApp worker;

  @BeforeAll
  void start(@TempDir Path directory) {
    mock = MockProvider.start();
    backbone = new Backbone(directory, Map.of());
    backbone.serve(Samples.openai("mock", mock.baseUrl(), 100));
    worker = backbone.worker("w1");
  }

  @AfterAll
  void stop() {
    worker.close();
    backbone.close();
    mock.close();
  }

  @Test
  void writesAStreamedAnswer() {
    RequestId request = dispatch("mock/20x5ms", true);

    AttemptFinished finished = backbone.finished(request, 1);

    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(finished.getDelivered()).isTrue();
    assertThat(finished.getFinishReason()).isEqualTo("stop");
    assertThat(finished.getTimeToFirstTokenMs()).isNotNull();
    assertThat(finished.getUsage().getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(finished.getUsage().getOutput()).isEqualTo(20);
    Transcript transcript = complete(request);
    assertThat(transcript.text()).isEqualTo(MockText.text(request.toString(), 20));
    assertThat(transcript.openings()).hasSize(1);
    assertThat(transcript.openings().getFirst().getModel()).isEqualTo("mock/20x5ms");
    assertThat(transcript.completed().orElseThrow().getUsage()).isEqualTo(finished.getUsage());
  }

  @Test
  void writesAWholeAnswer() {
    RequestId request = dispatch("mock/20x0", false);

    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(complete(request).text()).isEqualTo(MockText.text(request.toString(), 20));
  }

  @Test
  void reportsTheStartBeforeTheEndUnderOneClaim() {
    RequestId request = dispatch("mock/4x0", true);
    backbone.finished(request, 1);

    List<AttemptEvent> events =
        backbone.attempts.values().stream()
            .filter(event -> event.getRequestId().equals(request.toString()))
            .toList();

    assertThat(events).hasSize(2);
    assertThat(events.getFirst().getEvent()).isInstanceOf(AttemptStarted.class);
    assertThat(((AttemptStarted) events.getFirst().getEvent()).getDeliveryCount()).isEqualTo(1);
    assertThat(events).extracting(AttemptEvent::getWorkerId).containsOnly("w1");
    assertThat(events).extracting(AttemptEvent::getClaim).doesNotContain(0L);
    assertThat(events.getFirst().getClaim())
        .isEqualTo(events.getLast().getClaim())
        .isEqualTo(complete(request).visible().getFirst().getClaim());
  }

  @Test
  void runsMoreStreamsThanItHasSlots() {
    backbone.serve(Samples.openai("few", mock.baseUrl(), 20));
    List<RequestId> requests = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      RequestId request = Samples.newRequest();
      backbone.dispatch(
          Samples.dispatched(
              request, 1, "few", "mock/20x10ms", Samples.ask(request.toString(), true)));
      requests.add(request);
    }

    int most = 0;
    while (requests.stream().anyMatch(request -> backbone.end(request, 1).isEmpty())) {
      most = Math.max(most, mock.openRequests());
    }

    assertThat(most).isLessThanOrEqualTo(20);
    for (RequestId request : requests) {
      assertThat(complete(request).text()).isEqualTo(MockText.text(request.toString(), 20));
    }
  }

  @Test
  void letsABurstBeginAtOnce() {
    backbone.serve(Samples.openai("burst", mock.baseUrl(), 100));
    List<RequestId> requests = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      RequestId request = Samples.newRequest();
      backbone.dispatch(
          Samples.dispatched(
              request, 1, "burst", "mock/600x200ms", Samples.ask(request.toString(), true)));
      requests.add(request);
    }

    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> mock.openRequests() >= 300);

    Awaitility.await()
        .untilAsserted(() ->
            assertThat(lastHeartbeat().getPools())
                .anySatisfy(pool -> {
                  assertThat(pool.getProvider()).isEqualTo("burst");
                  assertThat(pool.getSlots()).isGreaterThanOrEqualTo(300);
                  assertThat(pool.getCeiling()).isEqualTo(2_048);
                }));
    for (RequestId request : requests) {
      backbone.cancel(request, CancelReason.OPERATOR, 1, null);
    }
    requests.forEach(request -> backbone.finished(request, 1));
  }

  @Test
  void tellsFailuresAndLeavesTheirMeaningToTheRouter() {
    RequestId limited = dispatch("mock/4x0/status-429/retry-after-2", true);
    RequestId cut = dispatch("mock/64x0/cut-10", true);

    AttemptFinished refused = backbone.finished(limited, 1);
    assertThat(refused.getOutcome()).isEqualTo(AttemptOutcome.FAILED);
    assertThat(refused.getErrorCode()).isEqualTo(ErrorCode.PROVIDER_RATE_LIMITED.wireName());
    assertThat(refused.getRetryAfterMs()).isEqualTo(2_000);
    assertThat(refused.getHttpStatus()).isEqualTo(429);
    assertThat(refused.getDelivered()).isFalse();
    assertThat(refused.getUsage()).isNull();
    AttemptFinished broken = backbone.finished(cut, 1);
    assertThat(broken.getErrorCode()).isEqualTo(ErrorCode.STREAM_CUT.wireName());
    assertThat(broken.getDelivered()).isTrue();
    assertThat(broken.getUsage().getSource()).isEqualTo(UsageSource.ESTIMATE);
    assertThat(broken.getUsage().getOutput()).isPositive();
    assertThat(backbone.transcript(cut).ended()).isFalse();
    assertThat(MockText.text(cut.toString(), 64)).startsWith(backbone.transcript(cut).text());
  }

  @Test
  void endsCallsWhoseTimeIsUp() {
    CallTimeouts short1 = new CallTimeouts(1_000L, 300L, 300L);
    RequestId silent = dispatch("mock/4x0/headers-30s", short1, Instant.now().plusSeconds(60));
    RequestId stalled = dispatch("mock/64x0/stall-10", short1, Instant.now().plusSeconds(60));
    RequestId late = dispatch("mock/100x100ms", Samples.TIMEOUTS, Instant.now().plusSeconds(2));
    RequestId tooLate = dispatch("mock/4x0", Samples.TIMEOUTS, Instant.now().minusSeconds(1));

    assertThat(backbone.finished(silent, 1).getErrorCode())
        .isEqualTo(ErrorCode.FIRST_TOKEN_TIMEOUT.wireName());
    assertThat(backbone.finished(stalled, 1).getErrorCode())
        .isEqualTo(ErrorCode.STALLED.wireName());
    assertThat(backbone.finished(late, 1).getErrorCode())
        .isEqualTo(ErrorCode.DEADLINE_EXCEEDED.wireName());
    assertThat(backbone.finished(tooLate, 1).getErrorCode())
        .isEqualTo(ErrorCode.DEADLINE_EXCEEDED.wireName());
  }

  @Test
  void closesTheConnectionWithinASecondOfACancel() {
    RequestId request = dispatch("mock/600x50ms", true);
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());
    long before = System.nanoTime();

    backbone.cancel(request, CancelReason.CLIENT_GONE, 1, null);

    AttemptFinished finished = backbone.finished(request, 1);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.CANCELLED);
    assertThat(finished.getUsage().getSource()).isEqualTo(UsageSource.ESTIMATE);
    assertThat(finished.getUsage().getInput()).isPositive();
    assertThat(mock.openRequests()).isZero();
    int delivered = backbone.transcript(request).deltas().size();
    Awaitility.await()
        .during(Duration.ofMillis(300))
        .atMost(PATIENCE)
        .until(() -> backbone.transcript(request).deltas().size() <= delivered + 20);
  }

  @Test
  void stopsARequestThatWasCancelledBeforeItCame() {
    RequestId request = Samples.newRequest();
    backbone.cancel(request, CancelReason.DEADLINE, 1, null);
    RequestId marker = dispatch("mock/600x50ms", true);
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(marker).text().isEmpty());
    backbone.cancel(marker, CancelReason.OPERATOR, 1, null);
    backbone.finished(marker, 1);

    backbone.dispatch(
        Samples.dispatched(request, 1, "mock", "mock/4x0", Samples.ask("never asked", true)));

    AttemptFinished finished = backbone.finished(request, 1);
    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.CANCELLED);
    assertThat(finished.getUsage()).isNull();
    assertThat(finished.getDelivered()).isFalse();
  }

  @Test
  void letsTheRunGoOnThatACancelExcepts() {
    RequestId request = dispatch("mock/40x50ms", true);
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());
    long claim = backbone.transcript(request).visible().getFirst().getClaim();

    backbone.cancel(request, CancelReason.SUPERSEDED, 1, claim);

    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
  }

  @Test
  void keepsWhatItCannotUnderstandInTheDeadLetters() {
    byte[] nonsense = "nonsense".getBytes(StandardCharsets.UTF_8);
    backbone.sendRaw("work.mock.interactive", nonsense);

    ConsumerRecord<String, byte[]> letter = backbone.firstDeadLetter();

    assertThat(letter.value()).isEqualTo(nonsense);
    assertThat(header(letter, "tokenbus.topic")).isEqualTo("work.mock.interactive");
    assertThat(header(letter, "tokenbus.reason")).contains("wire format");
    RequestId next = dispatch("mock/4x0", true);
    assertThat(backbone.finished(next, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
  }

  @Test
  void followsTheCatalogueWhileItRuns() {
    ProviderEntry simulated =
        ProviderEntry.newBuilder()
            .setName("sim")
            .setDialect("simulated")
            .setOptions(Map.of("tokens", "5", "tokens-per-second", "0"))
            .setSlots(2)
            .build();
    RequestId early = Samples.newRequest();
    backbone.dispatch(
        Samples.dispatched(early, 1, "sim", "simulated", Samples.ask("Who are you?", true)));
    backbone.serve(simulated);

    assertThat(backbone.finished(early, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(complete(early).text()).isEqualTo("This is a simulated answer");

    backbone.serve(
        ProviderEntry.newBuilder(simulated)
            .setOptions(Map.of("tokens", "3", "tokens-per-second", "0"))
            .setSlots(20)
            .build());
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          RequestId later = Samples.newRequest();
          backbone.sendWork(
              Samples.dispatched(later, 1, "sim", "simulated", Samples.ask("Again?", true)));
          backbone.finished(later, 1);
          assertThat(complete(later).text()).isEqualTo("This is a");
        });

    backbone.remove("sim");
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() ->
            lastHeartbeat().getPools().stream()
                .noneMatch(pool -> pool.getProvider().equals("sim")));
  }

  @Test
  void saysWhatAProviderMisses() {
    backbone.serve(
        ProviderEntry.newBuilder(Samples.openai("keyless", mock.baseUrl(), 1))
            .setApiKeyVariable("NO_SUCH_KEY")
            .build());
    RequestId request = Samples.newRequest();

    backbone.dispatch(
        Samples.dispatched(request, 1, "keyless", "mock/4x0", Samples.ask("Hi", true)));

    AttemptFinished finished = backbone.finished(request, 1);
    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.PROVIDER_NOT_CONFIGURED.wireName());
    assertThat(finished.getErrorMessage())
        .isEqualTo("Provider keyless has no API key; the log of the workers says what is missing");
  }

  @Test
  void beatsEverySecondAndCountsItsFreeSlots() {
    RequestId request = dispatch("mock/600x20ms", true);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() ->
            lastHeartbeat().getPools().stream()
                .anyMatch(pool ->
                    pool.getProvider().equals("mock")
                        && pool.getPriority() == Priority.INTERACTIVE
                        && pool.getCeiling() == 2_048
                        && pool.getFree() < pool.getSlots()));
    backbone.cancel(request, CancelReason.OPERATOR, 1, null);

    List<WorkerHeartbeat> beats = backbone.heartbeats.values();
    int before = beats.size();
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> backbone.heartbeats.values().size() >= before + 3);
    assertThat(lastHeartbeat().getState()).isEqualTo(WorkerState.RUNNING);
  }

  private WorkerHeartbeat lastHeartbeat() {
    return backbone.heartbeats.values().stream()
        .filter(beat -> beat.getWorkerId().equals("w1"))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  /** The prompt is the request's id, so that each answer is its own. */
  private RequestId dispatch(String model, boolean stream) {
    RequestId request = Samples.newRequest();
    backbone.dispatch(
        Samples.dispatched(request, 1, "mock", model, Samples.ask(request.toString(), stream)));
    return request;
  }

  private RequestId dispatch(String model, CallTimeouts timeouts, Instant deadline) {
    RequestId request = Samples.newRequest();
    backbone.dispatch(
        AttemptDispatched.newBuilder(
                Samples.dispatched(request, 1, "mock", model, Samples.ask("Hi", true)))
            .setTimeouts(timeouts)
            .setDeadline(deadline)
            .build());
    return request;
  }

  private Transcript complete(RequestId request) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> backbone.transcript(request), Transcript::ended);
  }

  private static String header(ConsumerRecord<String, byte[]> record, String name) {
    return new String(
        Objects.requireNonNull(record.headers().lastHeader(name)).value(), StandardCharsets.UTF_8);
  }
}
