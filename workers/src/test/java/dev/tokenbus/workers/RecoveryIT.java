package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.avro.WorkerState;
import dev.tokenbus.schemas.chat.TokenEstimate;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.recovery.ContinuedRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private Backbone backbone;
  private MockProvider mock;

  @BeforeEach
  void start() {
    mock = MockProvider.start();
    backbone = new Backbone(directory, Map.of());
    backbone.serve(Samples.openai("mock", mock.baseUrl(), 100));
  }

  @AfterEach
  void stop() {
    backbone.close();
    mock.close();
  }

  @Test
  void continuesTheStreamsOfADeadWorkerWithoutLosingOrRepeatingAToken() {
    List<RequestId> requests = new ArrayList<>();
    WorkerApp first = backbone.worker("first");
    for (int i = 0; i < 100; i++) {
      requests.add(dispatch(1, "mock/100x20ms"));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() ->
            requests.stream()
                .allMatch(request -> backbone.transcript(request).deltas().size() > 3));

    first.abandon();
    try (WorkerApp second = backbone.worker("second")) {
      long before = System.nanoTime();
      // What the router does when a worker has been silent for three seconds.
      requests.forEach(request -> dispatchAgain(request, "mock/100x0"));
      for (RequestId request : requests) {
        assertThat(backbone.finished(request, 2).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
      assertThat(second.ready()).isTrue();
    }

    for (RequestId request : requests) {
      Transcript transcript = backbone.transcript(request);
      assertThat(transcript.ended()).isTrue();
      assertThat(transcript.text()).isEqualTo(MockText.text(request.toString(), 100));
    }
  }

  @Test
  void goesOnByPrefillWhereTheModelCan() {
    serveModel("prefill");
    RequestId request = Samples.newRequest();
    String whole = MockText.text(request.toString(), 30);
    predecessor(request, List.of(text(beginning(whole))));

    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x0");
      assertThat(backbone.finished(request, 2).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      awaitNoneRunning(worker);
    }

    Transcript transcript = backbone.transcript(request);
    assertThat(transcript.text()).isEqualTo(whole);
    assertThat(transcript.openings().getLast().getContinuation()).isEqualTo(Continuation.PREFILL);
    assertThat(mock.received()).hasSize(1);
  }

  @Test
  void makesTheAnswerAgainWhereTheModelRefusesAPrefill() {
    serveModel("prefill");
    RequestId request = Samples.newRequest();
    String whole = MockText.text(request.toString(), 30);
    predecessor(request, List.of(text(beginning(whole))));

    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x0/noprefill");
      assertThat(backbone.finished(request, 2).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      awaitNoneRunning(worker);
    }

    assertThat(backbone.transcript(request).text()).isEqualTo(whole);
    assertThat(mock.received()).hasSize(2);
  }

  @Test
  void instructsTheModelToGoOnWhereAnotherAnswerWouldChangeTheStream() {
    serveModel("prefill", "instruction");
    RequestId request = Samples.newRequest();
    String begun = "Something that the mock never says";
    predecessor(request, List.of(text(begun)));

    AttemptFinished finished;
    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x0/noprefill");
      finished = backbone.finished(request, 2);
      assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      awaitNoneRunning(worker);
    }

    Transcript transcript = backbone.transcript(request);
    assertThat(transcript.text())
        .isEqualTo(begun + MockText.text(ContinuedRequest.INSTRUCTION, 30));
    assertThat(transcript.ended()).isTrue();
    assertThat(mock.received()).hasSize(3);
    // The third call's thirty tokens as the mock counted, and what the second had said.
    assertThat(finished.getUsage().getSource()).isEqualTo(UsageSource.ESTIMATE);
    assertThat(finished.getUsage().getOutput()).isGreaterThan(30);
    // The client pays neither for the second call nor twice for what it was given.
    assertThat(finished.getAnswerUsage().getOutput())
        .isLessThan(finished.getUsage().getOutput() + TokenEstimate.of(begun));
    assertThat(transcript.completed()).map(Completed::getUsage).contains(finished.getAnswerUsage());
  }

  @Test
  void endsAStreamThatAnotherAnswerWouldChange() {
    RequestId request = Samples.newRequest();
    predecessor(request, List.of(text("Something that the mock never says")));

    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x0");
      AttemptFinished finished = backbone.finished(request, 2);
      assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.FAILED);
      assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.STREAM_BROKEN.wireName());
      awaitNoneRunning(worker);
    }

    assertThat(backbone.transcript(request).text()).isEqualTo("Something that the mock never says");
    assertThat(backbone.transcript(request).ended()).isFalse();
  }

  @Test
  void onlyReportsAnAnswerThatIsCompleteAlready() {
    RequestId request = Samples.newRequest();
    TokenUsage usage =
        TokenUsage.newBuilder().setInput(3).setOutput(1).setSource(UsageSource.PROVIDER).build();
    predecessor(request, List.of(text("Done."), finish()), new Completed(usage, "req-1", null));

    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x0");
      AttemptFinished finished = backbone.finished(request, 2);
      assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      assertThat(finished.getUsage()).as("used by this run").isNull();
      assertThat(finished.getAnswerUsage()).isEqualTo(usage);
      assertThat(finished.getProviderRequestId()).isEqualTo("req-1");
      assertThat(finished.getFinishReason()).isEqualTo("stop");
      awaitNoneRunning(worker);
    }

    assertThat(mock.requestCount()).isZero();
    assertThat(backbone.transcript(request).text()).isEqualTo("Done.");
  }

  @Test
  void onlyWritesTheLastRecordWhereNothingElseIsMissing() {
    RequestId request = Samples.newRequest();
    predecessor(request, List.of(text("Done."), finish()));

    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x0");
      AttemptFinished finished = backbone.finished(request, 2);
      assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      assertThat(finished.getAnswerUsage().getSource()).isEqualTo(UsageSource.ESTIMATE);
      awaitNoneRunning(worker);
    }

    assertThat(mock.requestCount()).isZero();
    assertThat(backbone.transcript(request).ended()).isTrue();
  }

  @Test
  void changesNothingThatAnyReaderSeesWhenAPredecessorWakesUp() {
    RequestId request = Samples.newRequest();
    String whole = MockText.text(request.toString(), 30);
    predecessor(request, List.of(text(whole.substring(0, 10))));

    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x20ms");
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> backbone.transcript(request).openings().size() == 2);
      backbone.reply(
          new Reply(
              request.toString(),
              1,
              7L,
              2,
              Instant.now(),
              new Deltas(List.of(text(whole.substring(10, 20))))));
      backbone.finished(request, 2);
      assertThat(worker.ready()).isTrue();
    }

    assertThat(backbone.transcript(request).text()).isEqualTo(whole);
  }

  @Test
  void letsRunningCallsFinishWhenItIsClosed() {
    WorkerApp worker = backbone.worker("w");
    RequestId request = dispatch(1, "mock/60x50ms");
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());

    worker.close();

    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(backbone.transcript(request).text())
        .isEqualTo(MockText.text(request.toString(), 60));
    Awaitility.await().until(() -> states().contains(WorkerState.STOPPED));
    assertThat(states())
        .containsSubsequence(WorkerState.RUNNING, WorkerState.DRAINING, WorkerState.STOPPED);
    assertThat(states().getLast()).isEqualTo(WorkerState.STOPPED);
  }

  @Test
  void waitsForAStreamThatNoOtherWorkerCouldContinue() {
    WorkerApp worker =
        WorkerApp.start(
            backbone.context(), backbone.settings("w").withDrainLimit(Duration.ofMillis(200)));
    RequestId request = dispatch(1, "mock/60x50ms");
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());

    worker.close();

    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
  }

  @Test
  void waitsForAStreamWhoseThoughtsNoOtherWorkerCouldContinue() {
    serveModel("prefill", "instruction");
    WorkerApp worker =
        WorkerApp.start(
            backbone.context(), backbone.settings("w").withDrainLimit(Duration.ofMillis(200)));
    RequestId request = dispatch(1, "mock/60x50ms/reasoning-4");
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());

    worker.close();

    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
  }

  @Test
  void handsOverWhatDoesNotFinishInTime() {
    serveModel("prefill");
    WorkerApp worker =
        WorkerApp.start(
            backbone.context(), backbone.settings("w").withDrainLimit(Duration.ofMillis(200)));
    RequestId request = dispatch(1, "mock/100x100ms");
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());

    worker.close();

    AttemptFinished finished = backbone.finished(request, 1);
    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.FAILED);
    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.WORKER_LOST.wireName());
    assertThat(mock.openRequests()).isZero();
    try (WorkerApp next = backbone.worker("next")) {
      dispatchAgain(request, "mock/100x0");
      assertThat(backbone.finished(request, 2).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      assertThat(next.ready()).isTrue();
    }
    assertThat(backbone.transcript(request).text())
        .isEqualTo(MockText.text(request.toString(), 100));
  }

  @Test
  void leavesAStreamAloneWhoseWorkerWasOnlySilentForAWhile() {
    WorkerApp alive = backbone.worker("alive");
    RequestId request = dispatch(1, "mock/60x50ms");
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());
    long claim = backbone.transcript(request).visible().getFirst().getClaim();

    backbone.dispatch(
        AttemptDispatched.newBuilder(
                Samples.dispatched(
                    request, 2, "mock", "mock/60x0", Samples.ask(request.toString(), true)))
            .setPredecessorClaim(claim)
            .build());

    Awaitility.await().atMost(PATIENCE).until(() -> declined(request).isPresent());
    assertThat(declined(request)).contains(new AttemptDeclined(1, claim));
    // The alarm is false once more: the predecessor of the next attempt is still the first.
    backbone.dispatch(
        AttemptDispatched.newBuilder(
                Samples.dispatched(
                    request, 3, "mock", "mock/60x0", Samples.ask(request.toString(), true)))
            .setPredecessorClaim(claim)
            .build());
    Awaitility.await().atMost(PATIENCE).until(() -> declines(request).size() == 2);
    assertThat(declines(request)).containsOnly(new AttemptDeclined(1, claim));
    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(backbone.transcript(request).text())
        .isEqualTo(MockText.text(request.toString(), 60));
    alive.close();
  }

  @Test
  void stopsARunThatItHasFencedOff() {
    WorkerApp silent = backbone.worker("silent");
    RequestId request = dispatch(1, "mock/6x0/stall-3");
    Awaitility.await().atMost(PATIENCE).until(() -> !backbone.transcript(request).text().isEmpty());
    long claim = backbone.transcript(request).visible().getFirst().getClaim();

    backbone.dispatch(
        AttemptDispatched.newBuilder(
                Samples.dispatched(
                    request, 2, "mock", "mock/6x0", Samples.ask(request.toString(), true)))
            .setPredecessorClaim(claim)
            .build());

    // Both run in one worker here; the command goes over the topic as it would to another.
    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUPERSEDED);
    assertThat(backbone.finished(request, 2).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(backbone.transcript(request).text()).isEqualTo(MockText.text(request.toString(), 6));
    assertThat(mock.openRequests()).isZero();
    silent.close();
  }

  @Test
  void takesOverFromARunWhoseLastWordsAreYoungerThanTheDispatch() {
    RequestId request = Samples.newRequest();
    String whole = MockText.text(request.toString(), 30);
    predecessor(request, List.of(text(beginning(whole))));

    try (WorkerApp worker = backbone.worker("w")) {
      // The dead worker's clock was ahead, or it wrote while the dispatch waited for a worker.
      backbone.dispatch(
          AttemptDispatched.newBuilder(
                  Samples.dispatched(
                      request, 2, "mock", "mock/30x0", Samples.ask(request.toString(), true)))
              .setDispatchedAt(Instant.now().minusSeconds(10))
              .setPredecessorClaim(7L)
              .build());
      assertThat(backbone.finished(request, 2).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
      awaitNoneRunning(worker);
    }

    assertThat(declined(request)).isEmpty();
    assertThat(backbone.transcript(request).text()).isEqualTo(whole);
  }

  private Optional<AttemptDeclined> declined(RequestId request) {
    return declines(request).stream().findFirst();
  }

  private List<AttemptDeclined> declines(RequestId request) {
    return backbone.attempts.values().stream()
        .filter(event -> event.getRequestId().equals(request.toString()))
        .map(AttemptEvent::getEvent)
        .filter(AttemptDeclined.class::isInstance)
        .map(AttemptDeclined.class::cast)
        .toList();
  }

  @Test
  void neverAnswersAfreshWhereTheLogHasLostTheBeginning() {
    RequestId request = Samples.newRequest();
    backbone.reply(
        new Reply(
            request.toString(), 1, 7L, 5, Instant.now(), new Deltas(List.of(text("the middle")))));

    try (WorkerApp worker = backbone.worker("w")) {
      dispatchAgain(request, "mock/30x0");
      assertThat(backbone.finished(request, 2).getErrorCode())
          .isEqualTo(ErrorCode.STREAM_BROKEN.wireName());
      awaitNoneRunning(worker);
    }

    assertThat(mock.requestCount()).isZero();
  }

  private void serveModel(String... capabilities) {
    backbone.put(
        CatalogueEntry.newBuilder()
            .setAppliedAt(Instant.now())
            .setEntry(
                ModelEntry.newBuilder()
                    .setName("asked")
                    .setRoutes(List.of())
                    .setCapabilities(List.of(capabilities))
                    .setCreated(Instant.now())
                    .build())
            .build());
    Awaitility.await()
        .until(() -> backbone.context().catalogue().current().model("asked").isPresent());
  }

  /** Some of a text, in whole characters and without white space at the end. */
  private static String beginning(String whole) {
    int end = Character.isHighSurrogate(whole.charAt(40)) ? 40 : 41;
    return whole.substring(0, end).strip();
  }

  /** The report of an end is on the log before the worker hears that it is. */
  private static void awaitNoneRunning(WorkerApp worker) {
    Awaitility.await().atMost(PATIENCE).until(() -> worker.running() == 0);
  }

  private List<WorkerState> states() {
    return backbone.heartbeats.values().stream().map(beat -> beat.getState()).toList();
  }

  private RequestId dispatch(int attempt, String model) {
    RequestId request = Samples.newRequest();
    backbone.dispatch(
        Samples.dispatched(request, attempt, "mock", model, Samples.ask(request.toString(), true)));
    return request;
  }

  private void dispatchAgain(RequestId request, String model) {
    backbone.dispatch(
        Samples.dispatched(request, 2, "mock", model, Samples.ask(request.toString(), true)));
  }

  /** What the first attempt left in the log, under claim 7. */
  private void predecessor(RequestId request, List<Delta> deltas, Object... more) {
    List<Object> events = new ArrayList<>();
    events.add(
        new Opened(
            "mock",
            "m",
            Continuation.FRESH,
            null,
            null,
            "dead",
            1L,
            null,
            "openai",
            null,
            null,
            null));
    events.add(new Deltas(deltas));
    events.addAll(List.of(more));
    for (int sequence = 0; sequence < events.size(); sequence++) {
      backbone.reply(
          new Reply(request.toString(), 1, 7L, sequence, Instant.now(), events.get(sequence)));
    }
  }

  private static Delta text(String text) {
    return new Delta(0, new TextDelta(text), null, null);
  }

  private static Delta finish() {
    return new Delta(0, new Finish(FinishReason.STOP, "stop"), null, null);
  }
}
