package dev.tokenbus.ingress.protocol.openai.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.ingress.protocol.EventBuffer;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.SseFraming;
import dev.tokenbus.ingress.protocol.StreamRenderer;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OpenAiChunksTest {
  private static final RequestId ID = RequestId.parse("0199c82c-0b80-7003-8000-000000000001");
  private static final String HEAD =
      "{\"id\":\"chatcmpl-0199c82c-0b80-7003-8000-000000000001\",\"object\":\"chat.completion.chunk\","
          + "\"created\":"
          + ID.acceptedAt().getEpochSecond()
          + ",\"model\":\"gpt-x\",\"system_fingerprint\":\"fp_1\",\"choices\":[";

  @Test
  void rendersATextAnswerAsOpenAiDoes() {
    List<Reply> records =
        new ReplyRecords(ID)
            .admitted(true, true)
            .opened(1, "gpt-x")
            .text("Hel", "lo")
            .stop()
            .completed(5, 7)
            .records();

    assertThat(rendered(records, null))
        .isEqualTo(
            event("12.0", HEAD + chunk("\"role\":\"assistant\",\"content\":\"\"", "null"))
                + event("12.1", HEAD + chunk("\"content\":\"Hel\"", "null"))
                + event("12.2", HEAD + chunk("\"content\":\"lo\"", "null"))
                + event("13.0", HEAD + chunk("", "\"stop\""))
                + event(
                    "14.0",
                    HEAD
                        + "],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":10,\"total_tokens\":17,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":2,\"cache_write_tokens\":0,\"audio_tokens\":0},"
                        + "\"completion_tokens_details\":{\"reasoning_tokens\":3,\"audio_tokens\":0,"
                        + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}")
                + event("14.1", "[DONE]"));
  }

  @Test
  void sendsNoChunkWithoutChoicesUnlessUsageWasAskedFor() {
    List<Reply> records =
        new ReplyRecords(ID)
            .admitted(true, false)
            .opened(1, "m")
            .text("x")
            .completed(1, 1)
            .records();

    assertThat(rendered(records, null)).doesNotContain("\"choices\":[]").doesNotContain("usage");
  }

  @Test
  void rendersToolCallsReasoningRefusalsAndWhatIsNotModelled() {
    List<Reply> records =
        new ReplyRecords(ID)
            .admitted(true, false)
            .opened(1, "m")
            .deltas(
                new Delta(0, new ToolCallDelta(0, "call_1", "f", "", "{\"x\":1}"), null, null),
                new Delta(0, new ToolCallDelta(0, null, null, "{\"a\"", null), null, null),
                new Delta(1, new ReasoningDelta("hm", null, "reasoning"), null, null),
                new Delta(1, new RefusalDelta("no"), "{\n \"logprobs\": null }", null),
                new Delta(1, new RawDelta("openai", "{\"audio\":{\"id\":\"a\"}}"), null, null),
                new Delta(1, new Finish(FinishReason.OTHER, "odd"), null, null))
            .records();

    List<JsonNode> chunks = chunks(rendered(records, null));

    assertThat(chunks.stream().map(chunk -> chunk.at("/choices/0").toString()))
        .containsExactly(
            "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,"
                + "\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"},\"x\":1}]},"
                + "\"finish_reason\":null}",
            "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\"\"}}]},"
                + "\"finish_reason\":null}",
            "{\"index\":1,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
            "{\"index\":1,\"delta\":{\"reasoning\":\"hm\"},\"finish_reason\":null}",
            "{\"index\":1,\"delta\":{\"refusal\":\"no\"},\"finish_reason\":null,\"logprobs\":null}",
            "{\"index\":1,\"delta\":{\"audio\":{\"id\":\"a\"}},\"finish_reason\":null}",
            "{\"index\":1,\"delta\":{},\"finish_reason\":\"odd\"}");
  }

  @Test
  void keepsEveryTextOnOneLineAndToTheLetter() {
    String hard = "\"\\\b\f\n\r\t\u0000\u001f\u007f\u0085\u2028\u2029é漢😀 \uD83D end \uDE00";
    List<Reply> records =
        new ReplyRecords(ID).admitted(true, false).opened(1, hard).text(hard).records();

    String rendered = rendered(records, null);

    assertThat(rendered).contains("\u2028\u2029é漢😀").contains("\\ud83d end \\ude00");
    JsonNode chunk = chunks(rendered).getLast();
    assertThat(chunk.at("/choices/0/delta/content").textValue()).isEqualTo(hard);
    assertThat(chunk.at("/model").textValue()).isEqualTo(hard);
  }

  @Test
  void endsABrokenStreamWithAnErrorAndWithoutDone() {
    List<Reply> records =
        new ReplyRecords(ID)
            .admitted(true, true)
            .opened(1, "m")
            .text("x")
            .failed("stream_broken", "It broke")
            .records();

    String rendered = rendered(records, null);

    assertThat(rendered).doesNotContain("[DONE]");
    assertThat(chunks(rendered).getLast().at("/error/code").textValue()).isEqualTo("stream_broken");
  }

  @Test
  void namesTheModelOfTheAttemptThatAnswers() {
    List<Reply> records =
        new ReplyRecords(ID)
            .admitted(true, false)
            .opened(1, "first")
            .text("a")
            .opened(2, "second")
            .text("b")
            .records();

    assertThat(
            chunks(rendered(records, null)).stream().map(chunk -> chunk.at("/model").textValue()))
        .containsExactly("first", "first", "second");
  }

  @Test
  void givesTheSameBytesWhereverItIsCutAndResumed() {
    List<Reply> records =
        new ReplyRecords(ID)
            .admitted(true, true)
            .opened(1, "m")
            .text("a", "b", "c")
            .text("d")
            .opened(2, "n")
            .deltas(
                new Delta(1, new TextDelta("e"), null, null),
                new Delta(1, new Finish(FinishReason.STOP, "stop"), null, null))
            .stop()
            .completed(1, 1)
            .records();
    String whole = rendered(records, null);
    List<String> events = List.of(whole.split("(?<=\n\n)"));

    StringBuilder seen = new StringBuilder();
    for (String event : events) {
      seen.append(event);
      String id = event.substring("id: ".length(), event.indexOf('\n'));
      EventPosition position = EventPosition.parse(id).orElseThrow();

      assertThat(seen + rendered(records, position)).isEqualTo(whole);
    }
    assertThat(events).hasSize(11);
  }

  @Test
  void ignoresWhatTheFoldIgnores() {
    List<Reply> undisturbed =
        new ReplyRecords(ID)
            .admitted(true, false)
            .opened(1, "m")
            .text("a")
            .completed(1, 1)
            .records();
    List<Reply> doubled =
        undisturbed.stream().flatMap(reply -> List.of(reply, reply).stream()).toList();

    assertThat(chunks(rendered(doubled, null))).isEqualTo(chunks(rendered(undisturbed, null)));
  }

  /** Records stand at the offsets from 10 on. */
  private static String rendered(List<Reply> records, @Nullable EventPosition after) {
    ReplyFold fold = new ReplyFold();
    StreamRenderer stream = new OpenAiChatDialect().stream(ID, null);
    EventBuffer out = new EventBuffer(SseFraming.FULL, after);
    long offset = 10;
    for (Reply reply : records) {
      ReplyFold.Verdict verdict = fold.accept(reply);
      if (verdict == ReplyFold.Verdict.VISIBLE || verdict == ReplyFold.Verdict.LAST) {
        if (after != null && offset < after.offset()) {
          stream.skip(reply);
        } else {
          out.atRecord(offset);
          stream.render(reply, out);
        }
      }
      offset++;
    }
    return new String(out.toByteArray(), UTF_8);
  }

  private static List<JsonNode> chunks(String events) {
    return Arrays.stream(events.split("\n\n"))
        .map(event -> event.substring(event.indexOf("data: ") + 6))
        .filter(data -> !data.equals("[DONE]"))
        .map(RequestWriter::parse)
        .toList();
  }

  private static String event(String id, String data) {
    return "id: " + id + "\ndata: " + data + "\n\n";
  }

  private static String chunk(String delta, String finishReason) {
    return "{\"index\":0,\"delta\":{"
        + delta
        + "},\"finish_reason\":"
        + finishReason
        + "}],\"usage\":null}";
  }
}
