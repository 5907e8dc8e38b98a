package dev.tokenbus.workers.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.chat.TokenEstimate;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.body.BodyException;
import dev.tokenbus.workers.body.BodySource;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.recovery.Capabilities;
import dev.tokenbus.workers.recovery.ContinuedRequest;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.StreamHistory;
import dev.tokenbus.workers.reply.RecordProducer;
import dev.tokenbus.workers.reply.ReplyFlusher;
import dev.tokenbus.workers.reply.ReplyWriters;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptRunTest {
  private static final Capabilities ALL = new Capabilities(true, true, true);
  private static final Capabilities INSTRUCTION = new Capabilities(true, false, true);
  private static final ChatRequest BODY = Samples.ask("Tell me a story", true);

  private final RequestId request = Samples.newRequest();
  private final List<SpecificRecord> written = new CopyOnWriteArrayList<>();
  private final ReplyFlusher flusher = ReplyFlusher.start(Duration.ofMillis(1));
  private AttemptDispatched dispatched = Samples.dispatched(request, 2, "mock", "m", BODY);
  private int level = 2;
  private final FakeHistory history =
      new FakeHistory(Delivered.whole(List.of(text("Once upon")), false, null));
  private final FakeSlot slot = new FakeSlot();

  @AfterEach
  void stop() {
    flusher.close();
  }

  @Test
  void instructsTheModelToGoOnWhereItsNewAnswerDiverges() {
    ScriptedProvider provider =
        new ScriptedProvider(
            answer -> answer.onDeltas(List.of(text("Once, in a"))),
            answers(" a time.", usage(40, 5)));

    AttemptFinished finished = run(provider, INSTRUCTION);

    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(output()).isEqualTo(" a time.");
    assertThat(provider.asked.getLast().body().getMessages())
        .extracting(message -> message.getRole(), message -> message.getParts())
        .containsSubsequence(
            tuple(Role.ASSISTANT, List.of(new TextPart("Once upon", null, null, List.of(), null))),
            tuple(
                Role.USER,
                List.of(new TextPart(ContinuedRequest.INSTRUCTION, null, null, List.of(), null))));
  }

  @Test
  void countsTheAnswerThatDivergedToo() {
    ScriptedProvider provider =
        new ScriptedProvider(
            answer -> answer.onDeltas(List.of(text("Once, in a"))),
            answers(" a time.", usage(40, 5)));

    TokenUsage usage = run(provider, INSTRUCTION).getUsage();

    assertThat(usage.getSource()).isEqualTo(UsageSource.ESTIMATE);
    assertThat(usage.getInput()).isEqualTo(40 + TokenEstimate.of(BODY));
    assertThat(usage.getOutput()).isEqualTo(5 + TokenEstimate.of("Once, in a"));
  }

  @Test
  void countsAnAnswerThatIsTooShortAsTheProviderDid() {
    ScriptedProvider provider =
        new ScriptedProvider(answers("Once", usage(7, 2)), answers(" a time.", usage(40, 5)));

    TokenUsage usage = run(provider, INSTRUCTION).getUsage();

    assertThat(usage.getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(usage.getInput()).isEqualTo(47);
    assertThat(usage.getOutput()).isEqualTo(7);
  }

  @Test
  void goesDownTheWholeLadder() {
    ScriptedProvider provider =
        new ScriptedProvider(
            fails(ErrorCode.PROVIDER_REJECTED), answers("Not so", null), answers(" a time.", null));

    AttemptFinished finished = run(provider, ALL);

    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(output()).isEqualTo(" a time.");
    assertThat(provider.asked).hasSize(3);
  }

  @Test
  void breaksTheStreamWhereNoInstructionIsAllowed() {
    ScriptedProvider provider = new ScriptedProvider(answers("Not so", null));

    AttemptFinished finished = run(provider, Capabilities.NONE);

    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.STREAM_BROKEN.wireName());
    assertThat(finished.getDelivered()).isFalse();
    assertThat(finished.getUsage().getOutput()).isEqualTo(TokenEstimate.of("Not so"));
    assertThat(output()).isEmpty();
  }

  @Test
  void breaksTheStreamWhereTheInstructionIsRefused() {
    ScriptedProvider provider =
        new ScriptedProvider(answers("Not so", null), fails(ErrorCode.CONTEXT_LENGTH_EXCEEDED));

    AttemptFinished finished = run(provider, INSTRUCTION);

    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.STREAM_BROKEN.wireName());
    assertThat(finished.getUsage().getInput()).isEqualTo(TokenEstimate.of(BODY));
  }

  @Test
  void leavesAnotherTryToTheRouterWhereTheProviderIsDown() {
    ScriptedProvider provider =
        new ScriptedProvider(answers("Not so", null), fails(ErrorCode.PROVIDER_UNAVAILABLE));

    AttemptFinished finished = run(provider, INSTRUCTION);

    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE.wireName());
  }

  @Test
  void hearsNothingMoreOfACallItHasGivenUp() {
    ScriptedProvider provider =
        new ScriptedProvider(
            answer -> answer.onDeltas(List.of(text("Once, in a"))),
            answer -> answer.onDeltas(List.of(text(" a"))));
    AttemptRun attempt = start(provider, INSTRUCTION);

    AnswerListener first = provider.listeners.getFirst();
    first.onDeltas(List.of(text(" land")));
    first.onCompleted(new AnswerEnd(null, "stop", null));
    first.onFailed(ProviderFailure.of(ErrorCode.STREAM_CUT, "cut"));
    assertThat(attempt.ended()).isFalse();
    AnswerListener second = provider.listeners.getLast();
    second.onDeltas(List.of(text(" time."), finish()));
    second.onCompleted(new AnswerEnd(null, "stop", null));

    assertThat(finished(attempt).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(output()).isEqualTo(" a time.");
    assertThat(provider.cancelled).containsExactly(1);
  }

  @Test
  void countsBothCallsWhenItIsStoppedInTheSecond() {
    ScriptedProvider provider =
        new ScriptedProvider(
            answers("Once", usage(7, 2)), answer -> answer.onDeltas(List.of(text(" a"))));
    AttemptRun attempt = start(provider, INSTRUCTION);

    attempt.cancel(CancelReason.CLIENT_GONE);

    AttemptFinished finished = finished(attempt);
    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.CANCELLED);
    assertThat(finished.getUsage().getOutput()).isEqualTo(2 + TokenEstimate.of(" a"));
    assertThat(provider.cancelled).contains(2);
  }

  @Test
  void neverAnswersAfreshWhereTheLogHasLostARecord() {
    history.delivered =
        new Delivered(List.of(), false, null, Delivered.Integrity.GAP, 1, 7, List.of(), List.of());
    ScriptedProvider provider = new ScriptedProvider();

    AttemptFinished finished = run(provider, ALL);

    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.STREAM_BROKEN.wireName());
    assertThat(provider.asked).isEmpty();
    assertThat(output()).isEmpty();
  }

  @Test
  void leavesToANewerWorkerWhatItCannotRead() {
    history.delivered =
        new Delivered(
            List.of(text("Once")),
            false,
            null,
            Delivered.Integrity.UNREADABLE,
            1,
            7,
            List.of(),
            List.of());

    AttemptFinished finished = run(new ScriptedProvider(), ALL);

    assertThat(ErrorCode.of(String.valueOf(finished.getErrorCode())).retryable()).isTrue();
  }

  @Test
  void canBeTriedAgainWhereTheLogCouldNotBeRead() {
    history.failure = new IllegalStateException("broker-1.internal:9092 is away");

    AttemptFinished finished = run(new ScriptedProvider(), ALL);

    assertThat(finished.getErrorMessage()).isEqualTo("What was delivered could not be read");

    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.UNAVAILABLE.wireName());
    assertThat(ErrorCode.UNAVAILABLE.retryable()).isTrue();
  }

  @Test
  void readsNoBodyWhereThePredecessorStillWrites() {
    history.stillWrites = OptionalInt.of(1);
    dispatched = AttemptDispatched.newBuilder(dispatched).setPredecessorClaim(7L).build();

    AttemptRun attempt =
        start(
            new ScriptedProvider(),
            ALL,
            () -> {
              throw new BodyException(ErrorCode.EXPIRED, "gone", null);
            });

    attempt.reported().orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(written)
        .singleElement()
        .isInstanceOfSatisfying(
            AttemptEvent.class,
            event -> assertThat(event.getEvent()).isInstanceOf(AttemptDeclined.class));
  }

  @Test
  void readsTheBodyOnlyWhenTheLogIsRead() {
    AtomicReference<StreamHistory.Query> askedBefore = new AtomicReference<>();

    AttemptRun attempt =
        start(
            new ScriptedProvider(answers("Once upon a time.", null)),
            Capabilities.NONE,
            () -> {
              askedBefore.set(history.asked);
              return BODY;
            });

    assertThat(finished(attempt).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(askedBefore.get()).isNotNull();
  }

  @Test
  void tellsNoClientWhatBrokeInTheWorker() {
    AttemptFinished finished =
        run(
            new ScriptedProvider(answer -> {
              throw new IllegalStateException("broker-1.internal:9092");
            }),
            ALL);

    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.INTERNAL.wireName());
    assertThat(finished.getErrorMessage()).isEqualTo("The worker failed");
  }

  @Test
  void leavesAStreamAloneThatItsPredecessorStillWrites() {
    history.stillWrites = OptionalInt.of(1);
    dispatched = AttemptDispatched.newBuilder(dispatched).setPredecessorClaim(7L).build();

    AttemptRun attempt = start(new ScriptedProvider(), ALL);

    attempt.reported().orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(written)
        .singleElement()
        .isInstanceOfSatisfying(
            AttemptEvent.class,
            event -> assertThat(event.getEvent()).isEqualTo(new AttemptDeclined(1, 7L)));
    assertThat(slot.freed).isOne();
  }

  @Test
  void leavesAStreamAloneThatAnotherAttemptThanTheLastStillWrites() {
    history.stillWrites = OptionalInt.of(1);
    dispatched =
        AttemptDispatched.newBuilder(dispatched).setAttempt(4).setPredecessorClaim(7L).build();

    AttemptRun attempt = start(new ScriptedProvider(), ALL);

    attempt.reported().orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(history.watched).isEqualTo(7L);
    assertThat(written)
        .singleElement()
        .isInstanceOfSatisfying(
            AttemptEvent.class,
            event -> assertThat(event.getEvent()).isEqualTo(new AttemptDeclined(1, 7L)));
  }

  @Test
  void stopsThePredecessorOnceItsStreamIsFencedOff() {
    dispatched = AttemptDispatched.newBuilder(dispatched).setPredecessorClaim(7L).build();

    run(new ScriptedProvider(answers("Once upon a time.", null)), Capabilities.NONE);

    assertThat(written.getFirst())
        .isInstanceOfSatisfying(
            Reply.class, fence -> assertThat(fence.getEvent()).isInstanceOf(Opened.class));
    assertThat(written)
        .filteredOn(Control.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            Control.class,
            control -> {
              assertThat(control.getRequestId()).isEqualTo(request.toString());
              assertThat(control.getTenant()).isEqualTo(dispatched.getTenant());
              assertThat(control.getCommand())
                  .isEqualTo(new Cancel(CancelReason.SUPERSEDED, 1, null));
            });
  }

  @Test
  void stopsNobodyWhereThePredecessorHasReportedItsEnd() {
    run(new ScriptedProvider(answers("Once upon a time.", null)), Capabilities.NONE);

    assertThat(written).noneMatch(Control.class::isInstance);
  }

  @Test
  void writesACheckpointAtOnceWhenItHasTakenOver() {
    dispatched = streamed(dispatched);
    ScriptedProvider provider =
        new ScriptedProvider(answer -> answer.onDeltas(List.of(text("Once upon a"))));

    AttemptRun attempt = start(provider, Capabilities.NONE);

    assertThat(written)
        .filteredOn(Reply.class::isInstance)
        .extracting(record -> ((Reply) record).getEvent())
        .satisfiesExactly(
            opened -> assertThat(opened).isInstanceOf(Opened.class),
            checkpoint ->
                assertThat(checkpoint)
                    .isInstanceOfSatisfying(
                        Checkpoint.class,
                        standing ->
                            assertThat(standing.getOutput()).containsExactly(text("Once upon"))),
            output -> assertThat(output).isInstanceOf(Deltas.class));
    attempt.handOver();
  }

  @Test
  void writesNoCheckpointBehindAnAnswerThatIsCompleteAlready() {
    dispatched = streamed(dispatched);
    history.delivered =
        Delivered.whole(
            List.of(text("Once."), finish()), true, new Completed(usage(7, 2), "req-1", null));

    AttemptFinished finished = run(new ScriptedProvider(), ALL);

    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    assertThat(written)
        .filteredOn(Reply.class::isInstance)
        .extracting(record -> ((Reply) record).getEvent())
        .hasOnlyElementsOfType(Opened.class);
  }

  @Test
  void writesNothingThatAnOldRouterDoesNotKnow() {
    history.stillWrites = OptionalInt.of(1);
    level = 1;
    dispatched = AttemptDispatched.newBuilder(dispatched).setPredecessorClaim(7L).build();

    AttemptFinished finished = run(new ScriptedProvider(answers(" a time.", null)), ALL);

    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
  }

  @Test
  void givesWayToTheRunThatOpenedTheAttemptFirst() {
    history.delivered =
        new Delivered(
            List.of(), false, null, Delivered.Integrity.WHOLE, 2, 99, List.of(), List.of());

    AttemptFinished finished = run(new ScriptedProvider(), ALL);

    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUPERSEDED);
  }

  @Test
  void breaksTheStreamWherePolicyForbidsToContinueIt() {
    ScriptedProvider provider = new ScriptedProvider();

    AttemptFinished finished = run(provider, new Capabilities(false, true, true));

    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.STREAM_BROKEN.wireName());
    assertThat(provider.asked).isEmpty();
  }

  @Test
  void billsThePromptOnceAndEveryTokenDelivered() {
    long prefix = TokenEstimate.of("Once upon");
    ScriptedProvider provider = new ScriptedProvider(answers(" a time.", usage(40 + prefix, 5)));

    AttemptFinished finished = run(provider, ALL);

    assertThat(finished.getUsage().getInput()).isEqualTo(40 + prefix);
    assertThat(finished.getUsage().getOutput()).isEqualTo(5);
    assertThat(finished.getAnswerUsage().getInput()).isEqualTo(40);
    assertThat(finished.getAnswerUsage().getOutput()).isEqualTo(5 + prefix);
    assertThat(finished.getAnswerUsage().getSource()).isEqualTo(UsageSource.ESTIMATE);
    assertThat(completed().getUsage()).isEqualTo(finished.getAnswerUsage());
  }

  @Test
  void billsNoClientForAnAnswerThatDiverged() {
    ScriptedProvider provider =
        new ScriptedProvider(
            answer -> answer.onDeltas(List.of(text("Once, in a"))),
            answers(" a time.", usage(100, 5)));

    AttemptFinished finished = run(provider, INSTRUCTION);

    assertThat(finished.getAnswerUsage().getOutput()).isEqualTo(5 + TokenEstimate.of("Once upon"));
    assertThat(finished.getAnswerUsage().getInput()).isLessThan(100);
  }

  @Test
  void billsWhatWasDeliveredWhereNobodyCanContinueIt() {
    AttemptFinished finished = run(new ScriptedProvider(answers("No", null)), Capabilities.NONE);

    assertThat(finished.getAnswerUsage().getInput()).isEqualTo(TokenEstimate.of(BODY));
    assertThat(finished.getAnswerUsage().getOutput()).isEqualTo(TokenEstimate.of("Once upon"));
  }

  @Test
  void tellsItsSlotWhatTheProviderBears() {
    run(new ScriptedProvider(answers(" a time.", null)), ALL);
    assertThat(slot.answered).isPositive();
    assertThat(slot.refused).isZero();

    run(new ScriptedProvider(fails(ErrorCode.PROVIDER_RATE_LIMITED)), Capabilities.NONE);
    assertThat(slot.refused).isOne();
    assertThat(slot.freed).isEqualTo(2);
  }

  private static AttemptDispatched streamed(AttemptDispatched dispatched) {
    return AttemptDispatched.newBuilder(dispatched)
        .setRendering(
            Rendering.newBuilder()
                .setTenant("acme")
                .setKeyId("main")
                .setProtocol(Protocol.OPENAI_CHAT)
                .setModelAsked("m")
                .setAcceptedAt(Instant.EPOCH)
                .setStream(true)
                .setIncludeUsage(false)
                .build())
        .build();
  }

  private AttemptFinished run(ScriptedProvider provider, Capabilities capabilities) {
    return finished(start(provider, capabilities));
  }

  private AttemptFinished finished(AttemptRun attempt) {
    attempt.reported().orTimeout(10, TimeUnit.SECONDS).join();
    return written.stream()
        .filter(AttemptEvent.class::isInstance)
        .map(event -> (AttemptFinished) ((AttemptEvent) event).getEvent())
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  private AttemptRun start(ScriptedProvider provider, Capabilities capabilities) {
    return start(provider, capabilities, () -> BODY);
  }

  private AttemptRun start(ScriptedProvider provider, Capabilities capabilities, BodySource body) {
    MockProducer<String, byte[]> producer =
        new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    RecordProducer recordProducer =
        new RecordProducer(
            producer,
            (topic, record) -> {
              written.add(record);
              return new byte[0];
            });
    WorkerIdentity worker = new WorkerIdentity("w", 1);
    RunContext context =
        new RunContext(
            worker,
            new AttemptReporter(recordProducer, worker, InstantSource.system(), Runnable::run),
            new ReplyWriters(recordProducer, flusher, InstantSource.system()),
            history,
            () -> level,
            Runnable::run);
    AttemptRun attempt = new AttemptRun(AttemptSpec.of(dispatched, 42), context, slot);
    attempt.start(provider, body, capabilities);
    return attempt;
  }

  private Completed completed() {
    return written.stream()
        .filter(record -> record instanceof Reply reply && reply.getEvent() instanceof Completed)
        .map(record -> (Completed) ((Reply) record).getEvent())
        .findFirst()
        .orElseThrow();
  }

  /** What was written behind what had been delivered. */
  private String output() {
    StringBuilder text = new StringBuilder();
    for (SpecificRecord record : written) {
      if (record instanceof Reply reply && reply.getEvent() instanceof Deltas deltas) {
        for (Delta delta : deltas.getDeltas()) {
          if (delta.getContent() instanceof TextDelta piece) {
            text.append(piece.getText());
          }
        }
      }
    }
    return text.toString();
  }

  private static Consumer<AnswerListener> answers(String text, @Nullable TokenUsage usage) {
    return answer -> {
      answer.onDeltas(new ArrayList<>(List.of(text(text))));
      answer.onDeltas(new ArrayList<>(List.of(finish())));
      answer.onCompleted(new AnswerEnd(usage, "stop", null));
    };
  }

  private static Consumer<AnswerListener> fails(ErrorCode code) {
    return answer -> answer.onFailed(ProviderFailure.of(code, "no"));
  }

  private static TokenUsage usage(long input, long output) {
    return TokenUsage.newBuilder()
        .setInput(input)
        .setOutput(output)
        .setSource(UsageSource.PROVIDER)
        .build();
  }

  private static Delta text(String text) {
    return new Delta(0, new TextDelta(text), null, null);
  }

  private static Delta finish() {
    return new Delta(0, new Finish(FinishReason.STOP, "stop"), null, null);
  }
}
