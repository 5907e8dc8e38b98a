package dev.tokenbus.workers.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.PositionLogprobs;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.StopMatched;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenLogprob;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChatCompletionReaderTest {
  private final ChatCompletionReader reader = new ChatCompletionReader(1, 2);

  @Test
  void readsText() throws IOException {
    assertThat(read(chunk("{\"role\":\"assistant\",\"content\":\"\"}"))).isEmpty();
    assertThat(read(chunk("{\"content\":\"Hello\"}")))
        .containsExactly(delta(new TextDelta("Hello")));
  }

  @Test
  void readsReasoningUnderEitherNameAndKeepsTheName() throws IOException {
    assertThat(
            read(
                chunk("{\"reasoning_content\":\"a\"}"),
                chunk("{\"reasoning\":\"b\"}"),
                chunk("{\"reasoning\":null,\"content\":null}")))
        .containsExactly(
            delta(new ReasoningDelta("a", null, "reasoning_content")),
            delta(new ReasoningDelta("b", null, "reasoning")));
  }

  @Test
  void readsRefusals() throws IOException {
    assertThat(read(chunk("{\"refusal\":\"No.\"}")))
        .containsExactly(delta(new RefusalDelta("No.")));
  }

  @Test
  void readsToolCallsInPieces() throws IOException {
    assertThat(
            read(
                chunk(
                    "{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}"),
                chunk(
                    "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]}"),
                chunk(
                    "{\"tool_calls\":[{\"index\":0,\"id\":\"\",\"function\":{\"arguments\":\"1}\"}}]}")))
        .containsExactly(
            delta(new ToolCallDelta(0, "call_1", "f", "", null)),
            delta(new ToolCallDelta(0, null, null, "{\"a\":", null)),
            delta(new ToolCallDelta(0, null, null, "1}", null)));
  }

  @Test
  void numbersToolCallsThatHaveNoIndex() throws IOException {
    assertThat(
            read(
                chunk(
                    "{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}"),
                chunk("{\"tool_calls\":[{\"function\":{\"arguments\":\"}\"}}]}"),
                chunk(
                    "{\"tool_calls\":[{\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":{\"x\":1}}}]}")))
        .containsExactly(
            delta(new ToolCallDelta(0, "a", "f", "{", null)),
            delta(new ToolCallDelta(0, null, null, "}", null)),
            delta(new ToolCallDelta(1, "b", "g", "{\"x\":1}", null)));
  }

  @Test
  void keepsToolCallsOfOtherTypes() throws IOException {
    assertThat(
            read(
                chunk(
                    "{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"custom\",\"custom\":{\"name\":\"n\",\"input\":\"i\"}}]}")))
        .containsExactly(
            delta(
                new ToolCallDelta(
                    0,
                    "c",
                    null,
                    "",
                    "{\"type\":\"custom\",\"custom\":{\"name\":\"n\",\"input\":\"i\"}}")));
  }

  @Test
  void keepsWhatItDoesNotModelWithExactNumbers() throws IOException {
    assertThat(
            read(
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"annotations\":[{\"score\":0.10000000000000000001}]},"
                    + "\"logprobs\":{\"content\":[{\"logprob\":-1.50}]}}],\"citations\":[\"u\"],\"x\":12345678901234567890}"))
        .containsExactly(
            new Delta(
                0, new TextDelta("a"), "{\"logprobs\":{\"content\":[{\"logprob\":-1.50}]}}", null),
            delta(
                new RawDelta("openai", "{\"annotations\":[{\"score\":0.10000000000000000001}]}")));
    assertThat(reader.end().extra())
        .isEqualTo("{\"citations\":[\"u\"],\"x\":12345678901234567890}");
  }

  @Test
  void readsLogProbabilities() throws IOException {
    String choice =
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"logprobs\":{\"content\":"
            + "[{\"token\":\"Hi\",\"logprob\":-0.5,\"bytes\":[72,105],\"top_logprobs\":"
            + "[{\"token\":\"Ho\",\"logprob\":-2,\"bytes\":null}]}],\"refusal\":null}}]}";

    assertThat(read(choice))
        .containsExactly(
            delta(new TextDelta("Hi")),
            delta(
                new LogprobsDelta(
                    List.of(
                        new PositionLogprobs(
                            new TokenLogprob("Hi", -0.5, ByteBuffer.wrap(new byte[] {72, 105})),
                            List.of(new TokenLogprob("Ho", -2.0, null)))),
                    false)));

    ChatCompletionReader forOldReaders = new ChatCompletionReader(1, 1);
    byte[] bytes = choice.getBytes(StandardCharsets.UTF_8);
    forOldReaders.readEvent(bytes, 0, bytes.length, false);
    assertThat(forOldReaders.takeDeltas().getFirst().getExtra()).contains("top_logprobs");
  }

  @Test
  void saysWhichStopSequenceMatched() throws IOException {
    assertThat(
            read(
                "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"stop_reason\":\"END\"}]}"))
        .extracting(Delta::getContent)
        .containsExactly(new StopMatched("END"), new Finish(FinishReason.STOP, "stop"));
  }

  @Test
  void keepsMembersOfAChoiceThatBringsNoOutput() throws IOException {
    assertThat(read("{\"choices\":[{\"delta\":{},\"content_filter_results\":{\"hate\":1}}]}"))
        .containsExactly(
            new Delta(
                0,
                new RawDelta("openai", "{}"),
                "{\"content_filter_results\":{\"hate\":1}}",
                null));
  }

  @Test
  void tellsFinishReasonsApart() throws IOException {
    assertThat(
            read(
                finish("stop"),
                finish("length"),
                finish("tool_calls"),
                finish("function_call"),
                finish("content_filter"),
                finish("eos")))
        .extracting(one -> ((Finish) one.getContent()).getReason())
        .containsExactly(
            FinishReason.STOP,
            FinishReason.LENGTH,
            FinishReason.TOOL_CALLS,
            FinishReason.TOOL_CALLS,
            FinishReason.CONTENT_FILTER,
            FinishReason.OTHER);
    assertThat(reader.allFinished()).isTrue();
  }

  @Test
  void isFinishedWhenEveryChoiceIs() throws IOException {
    ChatCompletionReader two = new ChatCompletionReader(2, 2);
    byte[] first =
        "{\"choices\":[{\"index\":1,\"finish_reason\":\"stop\"}]}".getBytes(StandardCharsets.UTF_8);
    two.readEvent(first, 0, first.length, false);
    assertThat(two.allFinished()).isFalse();
    byte[] second =
        "{\"choices\":[{\"index\":0,\"finish_reason\":\"length\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    two.readEvent(second, 0, second.length, false);
    assertThat(two.allFinished()).isTrue();
    assertThat(two.end().finishReason()).isEqualTo("length");
  }

  @Test
  void readsAWholeAnswer() throws IOException {
    assertThat(
            read(
                "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m-1\",\"system_fingerprint\":\"fp\","
                    + "\"service_tier\":\"default\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\","
                    + "\"refusal\":null,\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
                    + "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]},"
                    + "\"logprobs\":null,\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}"))
        .containsExactly(
            delta(new TextDelta("Hi")),
            delta(new ToolCallDelta(0, "a", "f", "{}", null)),
            delta(new ToolCallDelta(1, "b", "g", "{}", null)),
            delta(new Finish(FinishReason.TOOL_CALLS, "tool_calls")));
    assertThat(reader.head(null))
        .isEqualTo(new AnswerHead("m-1", "fp", "default", "chatcmpl-1", "chatcmpl-1"));
    assertThat(reader.head("req-9").requestId()).isEqualTo("req-9");
    assertThat(reader.end().usage())
        .satisfies(usage -> {
          assertThat(usage.getInput()).isEqualTo(3);
          assertThat(usage.getOutput()).isEqualTo(2);
        });
  }

  @Test
  void findsErrorsInTheMiddle() throws IOException {
    read("{\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"code\":503}}");

    assertThat(reader.error())
        .satisfies(error -> {
          assertThat(error.code()).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE);
          assertThat(error.message()).isEqualTo("overloaded");
        });
  }

  @Test
  void refusesWhatIsNotAnObject() {
    for (String broken : List.of("", "[]", "7", "{\"choices\":[", "{\"a\" 1}", "nonsense")) {
      byte[] bytes = broken.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> reader.readEvent(bytes, 0, bytes.length, false))
          .as(broken)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void survivesEveryMutilationOfAChunk() {
    byte[] whole =
        ("{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é\",\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]},"
                + "\"logprobs\":{\"a\":[1,2]},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":1}},\"error\":null}")
            .getBytes(StandardCharsets.UTF_8);
    Random random = new Random(7);
    int understood = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = whole.clone();
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        bytes[random.nextInt(bytes.length)] =
            (byte)
                (random.nextBoolean()
                    ? random.nextInt(256)
                    : "{}[]\",:0n".charAt(random.nextInt(9)));
      }
      try {
        new ChatCompletionReader(1, 2).readEvent(bytes, 0, random.nextInt(bytes.length) + 1, false);
        understood++;
      } catch (IOException expected) {
        assertThat(expected).isNotNull();
      }
    }
    assertThat(understood).isPositive();
  }

  private List<Delta> read(String... chunks) throws IOException {
    for (String chunk : chunks) {
      byte[] bytes = ("  " + chunk).getBytes(StandardCharsets.UTF_8);
      reader.readEvent(bytes, 2, bytes.length - 2, false);
    }
    return reader.takeDeltas();
  }

  private static String chunk(String delta) {
    return "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"finish_reason\":null}],\"usage\":null}";
  }

  private static String finish(String reason) {
    return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}";
  }

  private static Delta delta(Object content) {
    return new Delta(0, content, null, null);
  }
}
