package dev.tokenbus.workers.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.ResponseFormatKind;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.workers.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryPlanTest {
  private static final ChatRequest BODY = Samples.ask("Hi", true);

  private static final Capabilities ALL = new Capabilities(true, true, true);
  private static final Capabilities PREFILL = new Capabilities(true, true, false);
  private static final Capabilities INSTRUCTION = new Capabilities(true, false, true);

  @Test
  void callsAfreshWhereNothingWasDelivered() {
    assertThat(RecoveryPlan.of(delivered(), BODY, ALL))
        .isEqualTo(new RecoveryPlan.Ask(List.of(new ContinuationStrategy.Fresh(BODY))));
  }

  @Test
  void prefillsWhatAModelCanGoOnFrom() {
    ContinuationStrategy strategy =
        strategies(delivered(text("Once"), text(" upon")), BODY, PREFILL).getFirst();

    assertThat(strategy).isInstanceOf(ContinuationStrategy.Prefill.class);
    Message last = strategy.body().getMessages().getLast();
    assertThat(last.getRole()).isEqualTo(Role.ASSISTANT);
    assertThat(last.getParts())
        .containsExactly(new TextPart("Once upon", null, null, List.of(), null));
  }

  @Test
  void leavesAModelThatGoesOnOnlyTheTokensThatAreLeft() {
    ChatRequest limited =
        ChatRequest.newBuilder(BODY)
            .setSampling(Sampling.newBuilder().setMaxOutputTokens(100L).build())
            .build();

    List<ContinuationStrategy> strategies = strategies(delivered(text("Once upon")), limited, ALL);

    assertThat(List.of(strategies.getFirst(), strategies.getLast()))
        .allSatisfy(strategy ->
            assertThat(strategy.body().getSampling().getMaxOutputTokens()).isEqualTo(98));
    assertThat(strategies.get(1).body()).isEqualTo(limited);
  }

  @Test
  void triesTheWaysInTheOrderOfWhatTheyPreserve() {
    Delivered text = delivered(text("Once"));

    assertThat(kinds(text, BODY, ALL))
        .containsExactly(Continuation.PREFILL, Continuation.REPEAT, Continuation.INSTRUCTION);
    assertThat(kinds(text, BODY, PREFILL))
        .containsExactly(Continuation.PREFILL, Continuation.REPEAT);
    assertThat(kinds(text, BODY, INSTRUCTION))
        .containsExactly(Continuation.REPEAT, Continuation.INSTRUCTION);
    assertThat(kinds(text, BODY, Capabilities.NONE)).containsExactly(Continuation.REPEAT);
  }

  @Test
  void prefillsNoWhiteSpaceAtTheEnd() {
    assertThat(kinds(delivered(text("Once ")), BODY, ALL))
        .containsExactly(Continuation.REPEAT, Continuation.INSTRUCTION);
  }

  @Test
  void onlyRepeatsWhatIsMoreThanOneText() {
    ChatRequest two =
        ChatRequest.newBuilder(BODY)
            .setSampling(Sampling.newBuilder().setCandidates(2).build())
            .build();

    assertThat(kinds(delivered(text("Once")), two, ALL)).containsExactly(Continuation.REPEAT);
    assertThat(
            kinds(
                delivered(
                    new Delta(0, new ReasoningDelta("hm", null, null), null, null), text("Once")),
                BODY,
                ALL))
        .containsExactly(Continuation.REPEAT);
  }

  @Test
  void instructsNoModelThatIsHeldToJson() {
    ChatRequest json =
        ChatRequest.newBuilder(BODY)
            .setResponseFormat(
                ResponseFormat.newBuilder().setKind(ResponseFormatKind.JSON_OBJECT).build())
            .build();

    assertThat(kinds(delivered(text("{\"a\":")), json, INSTRUCTION))
        .containsExactly(Continuation.REPEAT);
  }

  @Test
  void onlyWritesTheLastRecordWhereAllOutputWasDelivered() {
    assertThat(RecoveryPlan.of(delivered(text("Once"), finish()), BODY, ALL))
        .isEqualTo(new RecoveryPlan.LastRecordMissing("stop"));
    ChatRequest two =
        ChatRequest.newBuilder(BODY)
            .setSampling(Sampling.newBuilder().setCandidates(2).build())
            .build();
    assertThat(kinds(delivered(text("Once"), finish()), two, ALL))
        .containsExactly(Continuation.REPEAT);
  }

  @Test
  void onlyReportsWhatIsCompleteAlready() {
    Completed completed = new Completed(TokenUsage.newBuilder().build(), "req", null);

    assertThat(
            RecoveryPlan.of(
                Delivered.whole(List.of(text("Once"), finish()), true, completed), BODY, ALL))
        .isEqualTo(new RecoveryPlan.Complete(completed, "stop"));
  }

  @Test
  void doesNothingForARequestThatHasEnded() {
    assertThat(RecoveryPlan.of(Delivered.whole(List.of(), true, null), BODY, ALL))
        .isEqualTo(new RecoveryPlan.Over());
  }

  private static List<ContinuationStrategy> strategies(
      Delivered delivered, ChatRequest body, Capabilities capabilities) {
    assertThat(RecoveryPlan.of(delivered, body, capabilities)).isInstanceOf(RecoveryPlan.Ask.class);
    return ((RecoveryPlan.Ask) RecoveryPlan.of(delivered, body, capabilities)).strategies();
  }

  private static List<Continuation> kinds(
      Delivered delivered, ChatRequest body, Capabilities capabilities) {
    return strategies(delivered, body, capabilities).stream()
        .map(ContinuationStrategy::continuation)
        .toList();
  }

  private static Delivered delivered(Delta... deltas) {
    return Delivered.whole(List.of(deltas), false, null);
  }

  private static Delta text(String text) {
    return new Delta(0, new TextDelta(text), null, null);
  }

  private static Delta finish() {
    return new Delta(0, new Finish(FinishReason.STOP, "stop"), null, null);
  }
}
