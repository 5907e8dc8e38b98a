package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import java.util.List;
import org.junit.jupiter.api.Test;

class TakeOverTest {
  private static final ChatRequest BODY = Samples.ask("Hi", true);

  @Test
  void callsAfreshWhereNothingWasDelivered() {
    assertThat(TakeOver.of(delivered(), BODY, true)).isEqualTo(new TakeOver.Fresh());
  }

  @Test
  void prefillsWhatAModelCanGoOnFrom() {
    TakeOver way = TakeOver.of(delivered(text("Once"), text(" upon")), BODY, true);

    assertThat(way).isInstanceOf(TakeOver.Prefill.class);
    Message last = ((TakeOver.Prefill) way).body().getMessages().getLast();
    assertThat(last.getRole()).isEqualTo(Role.ASSISTANT);
    assertThat(last.getParts()).containsExactly(new TextPart("Once upon", null));
  }

  @Test
  void leavesAPrefilledModelOnlyTheTokensThatAreLeft() {
    ChatRequest limited =
        ChatRequest.newBuilder(BODY)
            .setSampling(Sampling.newBuilder().setMaxOutputTokens(100L).build())
            .build();

    TakeOver way = TakeOver.of(delivered(text("Once upon")), limited, true);

    assertThat(((TakeOver.Prefill) way).body().getSampling().getMaxOutputTokens())
        .isLessThan(100)
        .isGreaterThan(90);
  }

  @Test
  void makesTheAnswerAgainWhereTheModelCannotGoOn() {
    assertThat(TakeOver.of(delivered(text("Once")), BODY, false))
        .isInstanceOf(TakeOver.Repeat.class);
    assertThat(TakeOver.of(delivered(text("Once ")), BODY, true))
        .isInstanceOf(TakeOver.Repeat.class);
    assertThat(
            TakeOver.of(
                delivered(new Delta(0, new ReasoningDelta("hm", null, null), null)), BODY, true))
        .isInstanceOf(TakeOver.Repeat.class);
  }

  @Test
  void onlyWritesTheLastRecordWhereAllOutputWasDelivered() {
    assertThat(TakeOver.of(delivered(text("Once"), finish()), BODY, true))
        .isEqualTo(new TakeOver.LastRecordMissing("stop"));
    ChatRequest two =
        ChatRequest.newBuilder(BODY)
            .setSampling(Sampling.newBuilder().setCandidates(2).build())
            .build();
    assertThat(TakeOver.of(delivered(text("Once"), finish()), two, true))
        .isInstanceOf(TakeOver.Repeat.class);
  }

  @Test
  void onlyReportsWhatIsCompleteAlready() {
    Completed completed = new Completed(TokenUsage.newBuilder().build(), "req", null);

    assertThat(
            TakeOver.of(
                new Delivered(List.of(text("Once"), finish()), true, completed), BODY, true))
        .isEqualTo(new TakeOver.Complete(completed, "stop"));
  }

  @Test
  void doesNothingForARequestThatHasEnded() {
    assertThat(TakeOver.of(new Delivered(List.of(), true, null), BODY, true))
        .isEqualTo(new TakeOver.Over());
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
