package dev.tokenbus.workers.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.ResponseFormatKind;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import dev.tokenbus.schemas.avro.UsageDelta;
import dev.tokenbus.workers.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContinuationOutlookTest {
  private static final Capabilities PREFILL = new Capabilities(true, true, false);
  private static final Capabilities INSTRUCTION = new Capabilities(true, false, true);
  private static final ChatRequest BODY = Samples.ask("Tell me a story", true);

  @Test
  void isGoodBeforeAnythingIsDelivered() {
    assertThat(outlook(BODY, Capabilities.NONE).isGood()).isTrue();
  }

  @Test
  void isGoodForTextThatTheDeploymentGoesOnWith() {
    Delta usage = new Delta(0, new UsageDelta(TokenUsage.newBuilder().build()), null, null);

    assertThat(outlook(BODY, PREFILL, text("Once"), usage).isGood()).isTrue();
    assertThat(outlook(BODY, INSTRUCTION, text("Once"), usage).isGood()).isTrue();
  }

  @Test
  void isBadForTextWhereOnlyTheSameAnswerOnceMoreWouldDo() {
    assertThat(outlook(BODY, Capabilities.NONE, text("Once")).isGood()).isFalse();
    assertThat(outlook(BODY, new Capabilities(false, true, true), text("Once")).isGood()).isFalse();
  }

  @Test
  void isBadForThoughtsAndToolCalls() {
    Delta thought = new Delta(0, new ReasoningDelta("Hm", null, null), null, null);
    Delta call = new Delta(0, new ToolCallDelta(0, "id", "name", "{", null), null, null);

    assertThat(outlook(BODY, PREFILL, thought, text("Once")).isGood()).isFalse();
    assertThat(outlook(BODY, INSTRUCTION, text("Once"), call).isGood()).isFalse();
  }

  @Test
  void isBadForSeveralAnswersAtOnce() {
    ChatRequest two =
        ChatRequest.newBuilder(BODY)
            .setSampling(Sampling.newBuilder(BODY.getSampling()).setCandidates(2).build())
            .build();

    assertThat(outlook(two, new Capabilities(true, true, true), text("Once")).isGood()).isFalse();
  }

  @Test
  void asksNoModelToGoOnThatIsHeldToJson() {
    ChatRequest json =
        ChatRequest.newBuilder(BODY)
            .setResponseFormat(
                ResponseFormat.newBuilder().setKind(ResponseFormatKind.JSON_OBJECT).build())
            .build();

    assertThat(outlook(json, INSTRUCTION, text("{")).isGood()).isFalse();
  }

  @Test
  void waitsForAPlaceWhereAPrefillMayEnd() {
    ContinuationOutlook outlook = outlook(BODY, PREFILL, text("Once "));
    assertThat(outlook.isGood()).isFalse();

    outlook.delivered(List.of(text("upon")));
    assertThat(outlook.isGood()).isTrue();
  }

  private static ContinuationOutlook outlook(
      ChatRequest body, Capabilities can, Delta... delivered) {
    ContinuationOutlook outlook = new ContinuationOutlook();
    outlook.asked(body, can);
    outlook.delivered(List.of(delivered));
    return outlook;
  }

  private static Delta text(String text) {
    return new Delta(0, new TextDelta(text), null, null);
  }
}
