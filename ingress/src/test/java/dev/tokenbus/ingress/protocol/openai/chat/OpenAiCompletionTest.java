package dev.tokenbus.ingress.protocol.openai.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.ingress.protocol.DocumentRenderer;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import dev.tokenbus.schemas.avro.UsageSource;
import org.junit.jupiter.api.Test;

class OpenAiCompletionTest {
  private static final RequestId ID = RequestId.parse("0199c82c-0b80-7003-8000-000000000001");

  @Test
  void putsATextAnswerTogether() {
    JsonNode answer =
        body(
            new ReplyRecords(ID)
                .admitted(false, false)
                .opened(1, "gpt-x")
                .text("Hel", "lo")
                .stop()
                .completed(5, 7));

    assertThat(answer.toString())
        .isEqualTo(
            "{\"id\":\"chatcmpl-"
                + ID
                + "\",\"object\":\"chat.completion\",\"created\":"
                + ID.acceptedAt().getEpochSecond()
                + ",\"model\":\"gpt-x\",\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,\"message\":{"
                + "\"role\":\"assistant\",\"content\":\"Hello\",\"refusal\":null},\"finish_reason\":\"stop\","
                + "\"logprobs\":null}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":10,\"total_tokens\":17,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":2,\"cache_write_tokens\":0,\"audio_tokens\":0},"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":3,\"audio_tokens\":0,"
                + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}");
  }

  @Test
  void joinsToolCallsReasoningLogprobsAndWhatIsNotModelled() {
    JsonNode answer =
        body(
            new ReplyRecords(ID)
                .admitted(false, false)
                .opened(1, "m")
                .deltas(
                    new Delta(0, new ReasoningDelta("h", null, null), null, null),
                    new Delta(0, new ReasoningDelta("m", null, null), null, null),
                    new Delta(0, new ToolCallDelta(0, "call_1", "f", "{\"a\"", null), null, null),
                    new Delta(0, new ToolCallDelta(1, "call_2", "g", "{}", null), null, null),
                    new Delta(0, new ToolCallDelta(0, null, null, ":1}", null), null, null),
                    new Delta(
                        0,
                        new RawDelta("openai", "{\"audio\":{\"id\":\"a\",\"data\":\"QU\"}}"),
                        null,
                        null),
                    new Delta(
                        0,
                        new RawDelta("openai", "{\"audio\":{\"id\":\"a\",\"data\":\"JD\"}}"),
                        null,
                        null),
                    new Delta(
                        1,
                        new TextDelta("a"),
                        "{\"logprobs\":{\"content\":[{\"token\":\"a\",\"logprob\":-0.10}]}}",
                        null),
                    new Delta(
                        1,
                        new TextDelta("b"),
                        "{\"logprobs\":{\"content\":[{\"token\":\"b\"}]}}",
                        null),
                    new Delta(0, new Finish(FinishReason.TOOL_CALLS, "tool_calls"), null, null))
                .add(new Completed(usage(), null, "{\"citations\":[\"u\"]}")));

    assertThat(answer.at("/choices/0/message").toString())
        .isEqualTo(
            "{\"role\":\"assistant\",\"content\":null,\"refusal\":null,\"reasoning_content\":\"hm\","
                + "\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
                + "\"arguments\":\"{\\\"a\\\":1}\"}},{\"id\":\"call_2\",\"type\":\"function\",\"function\":{"
                + "\"name\":\"g\",\"arguments\":\"{}\"}}],\"audio\":{\"id\":\"a\",\"data\":\"QUJD\"}}");
    assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("tool_calls");
    assertThat(answer.at("/choices/1/message/content").textValue()).isEqualTo("ab");
    assertThat(answer.at("/choices/1/logprobs/content").size()).isEqualTo(2);
    assertThat(answer.at("/citations/0").textValue()).isEqualTo("u");
  }

  @Test
  void hasNothingToSayBeforeTheEnd() {
    DocumentRenderer document = new OpenAiChatDialect().document(ID, null);
    new ReplyRecords(ID)
        .admitted(false, false)
        .opened(1, "m")
        .text("x")
        .records()
        .forEach(document::add);

    assertThatIllegalStateException().isThrownBy(document::body);
  }

  private static TokenUsage usage() {
    return TokenUsage.newBuilder().setInput(1).setOutput(1).setSource(UsageSource.PROVIDER).build();
  }

  private static JsonNode body(ReplyRecords records) {
    DocumentRenderer document = new OpenAiChatDialect().document(ID, null);
    records.records().forEach(document::add);
    return RequestWriter.parse(new String(document.body(), UTF_8));
  }
}
