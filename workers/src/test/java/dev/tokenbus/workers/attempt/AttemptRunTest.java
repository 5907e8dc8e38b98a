package dev.tokenbus.workers.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.TokenEstimate;
import dev.tokenbus.workers.recovery.Capabilities;
import dev.tokenbus.workers.recovery.ContinuedRequest;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.reply.RecordProducer;
import dev.tokenbus.workers.reply.ReplyFlusher;
import dev.tokenbus.workers.reply.ReplyWriters;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptRunTest {
  private static final Capabilities ALL = new Capabilities(true, true);
  private static final Capabilities INSTRUCTION = new Capabilities(false, true);
  private static final ChatRequest BODY = Samples.ask("Tell me a story", true);

  private final RequestId request = Samples.newRequest();
  private final List<SpecificRecord> written = new CopyOnWriteArrayList<>();
  private final ReplyFlusher flusher = ReplyFlusher.start(Duration.ofMillis(1));
  private List<Delta> delivered = List.of(text("Once upon"));

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
            tuple(Role.ASSISTANT, List.of(new TextPart("Once upon", null))),
            tuple(Role.USER, List.of(new TextPart(ContinuedRequest.INSTRUCTION, null))));
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

  private AttemptFinished run(ScriptedProvider provider, Capabilities capabilities) {
    return finished(start(provider, capabilities));
  }

  private AttemptFinished finished(AttemptRun attempt) {
    attempt.reported().orTimeout(10, TimeUnit.SECONDS).join();
    return written.stream()
        .filter(AttemptEvent.class::isInstance)
        .map(event -> (AttemptFinished) ((AttemptEvent) event).getEvent())
        .findFirst()
        .orElseThrow();
  }

  private AttemptRun start(ScriptedProvider provider, Capabilities capabilities) {
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
    AttemptRun attempt =
        new AttemptRun(
            AttemptSpec.of(Samples.dispatched(request, 2, "mock", "m", BODY), 42),
            worker,
            new AttemptReporter(recordProducer, worker, InstantSource.system(), Runnable::run),
            new ReplyWriters(recordProducer, flusher, InstantSource.system()),
            (asked, from, fence) ->
                CompletableFuture.completedFuture(new Delivered(delivered, false, null)),
            () -> {});
    attempt.start(provider, BODY, capabilities);
    return attempt;
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
    return new Delta(0, new TextDelta(text), null);
  }

  private static Delta finish() {
    return new Delta(0, new Finish(FinishReason.STOP, "stop"), null);
  }
}
