package dev.tokenbus.workers;

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
import java.util.List;
import org.junit.jupiter.api.Test;

class TakeOverTest {
  private static final ChatRequest BODY = Samples.ask("Hi", true);

  private static final Abilities ALL = new Abilities(true, true);
  private static final Abilities PREFILL = new Abilities(true, false);
  private static final Abilities INSTRUCTION = new Abilities(false, true);

  @Test
  void callsAfreshWhereNothingWasDelivered() {
    assertThat(TakeOver.of(delivered(), BODY, ALL))
        .isEqualTo(new TakeOver.Ask(List.of(new Way.Fresh(BODY))));
  }

  @Test
  void prefillsWhatAModelCanGoOnFrom() {
    Way way = ways(delivered(text("Once"), text(" upon")), BODY, PREFILL).getFirst();

    assertThat(way).isInstanceOf(Way.Prefill.class);
    Message last = way.body().getMessages().getLast();
    assertThat(last.getRole()).isEqualTo(Role.ASSISTANT);
    assertThat(last.getParts()).containsExactly(new TextPart("Once upon", null));
  }

  @Test
  void leavesAModelThatGoesOnOnlyTheTokensThatAreLeft() {
    ChatRequest limited =
        ChatRequest.newBuilder(BODY)
            .setSampling(Sampling.newBuilder().setMaxOutputTokens(100L).build())
            .build();

    List<Way> ways = ways(delivered(text("Once upon")), limited, ALL);

    assertThat(List.of(ways.getFirst(), ways.getLast()))
        .allSatisfy(way -> assertThat(way.body().getSampling().getMaxOutputTokens()).isEqualTo(98));
    assertThat(ways.get(1).body()).isEqualTo(limited);
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
    assertThat(kinds(text, BODY, Abilities.NONE)).containsExactly(Continuation.REPEAT);
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
                delivered(new Delta(0, new ReasoningDelta("hm", null, null), null), text("Once")),
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
    assertThat(TakeOver.of(delivered(text("Once"), finish()), BODY, ALL))
        .isEqualTo(new TakeOver.LastRecordMissing("stop"));
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
            TakeOver.of(new Delivered(List.of(text("Once"), finish()), true, completed), BODY, ALL))
        .isEqualTo(new TakeOver.Complete(completed, "stop"));
  }

  @Test
  void doesNothingForARequestThatHasEnded() {
    assertThat(TakeOver.of(new Delivered(List.of(), true, null), BODY, ALL))
        .isEqualTo(new TakeOver.Over());
  }

  private static List<Way> ways(Delivered delivered, ChatRequest body, Abilities abilities) {
    assertThat(TakeOver.of(delivered, body, abilities)).isInstanceOf(TakeOver.Ask.class);
    return ((TakeOver.Ask) TakeOver.of(delivered, body, abilities)).ways();
  }

  private static List<Continuation> kinds(
      Delivered delivered, ChatRequest body, Abilities abilities) {
    return ways(delivered, body, abilities).stream().map(Way::continuation).toList();
  }

  private static Delivered delivered(Delta... deltas) {
    return new Delivered(List.of(deltas), false, null);
  }

  private static Delta text(String text) {
    return new Delta(0, new TextDelta(text), null);
  }

  private static Delta finish() {
    return new Delta(0, new Finish(FinishReason.STOP, "stop"), null);
  }
}
