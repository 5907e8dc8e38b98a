package dev.tokenbus.ingress.protocol.openai.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.ingress.protocol.DocumentRenderer;
import dev.tokenbus.ingress.protocol.EventBuffer;
import dev.tokenbus.ingress.protocol.SseFraming;
import dev.tokenbus.ingress.protocol.StreamRenderer;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AudioDelta;
import dev.tokenbus.schemas.avro.BlockKind;
import dev.tokenbus.schemas.avro.BlockStart;
import dev.tokenbus.schemas.avro.Citation;
import dev.tokenbus.schemas.avro.CitationDelta;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.PositionLogprobs;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.Signature;
import dev.tokenbus.schemas.avro.SignatureDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenLogprob;
import dev.tokenbus.schemas.avro.ToolKind;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the canonical form knows beyond text, in OpenAI's words or not at all. */
class CanonicalOutputTest {
  private static final RequestId ID =
      RequestId.of(Instant.ofEpochSecond(1_760_000_000), 3, new Random(1));

  @Test
  void givesLogProbabilitiesAnnotationsAndAudio() {
    ReplyRecords records = begun("openai");
    records.deltas(
        delta(new TextDelta("Hi")),
        delta(
            new LogprobsDelta(
                List.of(
                    new PositionLogprobs(
                        new TokenLogprob("Hi", -0.5, ByteBuffer.wrap("Hi".getBytes(UTF_8))),
                        List.of(new TokenLogprob("Ho", -2.0, null)))),
                false)),
        delta(
            new CitationDelta(
                Citation.newBuilder()
                    .setKind("url")
                    .setUrl("https://x/")
                    .setTitle("X")
                    .setStart(0L)
                    .setEnd(2L)
                    .build())),
        delta(new AudioDelta("a1", "QUJD", null, null)),
        delta(new AudioDelta(null, "REVG", "Hi", Instant.ofEpochSecond(9))));
    List<Reply> replies = records.stop().completed(1, 1).records();
    String logprobs =
        "\"logprobs\":{\"content\":[{\"token\":\"Hi\",\"logprob\":-0.5,\"bytes\":[72,105],"
            + "\"top_logprobs\":[{\"token\":\"Ho\",\"logprob\":-2.0,\"bytes\":null}]}],\"refusal\":null}";
    String annotations =
        "\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"https://x/\","
            + "\"title\":\"X\",\"start_index\":0,\"end_index\":2}}]";

    assertThat(stream(replies))
        .contains("\"delta\":{}," + logprobs + ",\"finish_reason\":null")
        .contains("\"delta\":{" + annotations + "}")
        .contains("\"delta\":{\"audio\":{\"id\":\"a1\",\"data\":\"QUJD\"}}")
        .contains("\"audio\":{\"data\":\"REVG\",\"transcript\":\"Hi\",\"expires_at\":9}");
    assertThat(document(replies))
        .contains(logprobs)
        .contains(annotations)
        .contains(
            "\"audio\":{\"id\":\"a1\",\"data\":\"QUJDREVG\",\"transcript\":\"Hi\",\"expires_at\":9}");
  }

  @Test
  void saysNothingForWhichOpenAiHasNoWords() {
    ReplyRecords records = begun("anthropic");
    records.deltas(
        delta(new BlockStart(BlockKind.TEXT, null, null, null, ToolKind.FUNCTION, null)),
        delta(new SignatureDelta(new Signature("sig", "anthropic"))),
        delta(new RawDelta("anthropic", "{\"secret\":1}")),
        new Delta(0, new TextDelta("Hi"), "{\"secret\":2}", null));
    List<Reply> replies = records.stop().completed(1, 1).records();

    String stream = stream(replies);
    assertThat(stream).contains("Hi").doesNotContain("secret").doesNotContain("sig");
    assertThat(stream.split("\"delta\"", -1)).as("role, text, finish").hasSize(4);
    assertThat(document(replies)).contains("Hi").doesNotContain("secret").doesNotContain("sig");
  }

  @Test
  void givesItsOwnDialectsExtraMembersToTheLetter() {
    ReplyRecords records = begun("openai");
    records.deltas(
        delta(new RawDelta("openai", "{\"odd\":1.50}")),
        new Delta(0, new TextDelta("Hi"), "{\"seen\":2.50}", null));

    assertThat(stream(records.records())).contains("\"odd\":1.50").contains("\"seen\":2.50");
  }

  @Test
  void mapsEveryReasonToOneThatOpenAisClientsKnow() {
    for (FinishReason reason : List.of(FinishReason.REFUSAL, FinishReason.PAUSE)) {
      String expected = reason == FinishReason.PAUSE ? "stop" : "content_filter";
      ReplyRecords records =
          begun("anthropic").text("x").deltas(delta(new Finish(reason, reason.name())));

      assertThat(stream(records.records())).contains("\"finish_reason\":\"" + expected + "\"");
    }
  }

  private static ReplyRecords begun(String dialect) {
    return new ReplyRecords(ID).admitted(true, false).openedIn(dialect);
  }

  private static Delta delta(Object content) {
    return new Delta(0, content, null, null);
  }

  private static String stream(List<Reply> replies) {
    StreamRenderer renderer = new OpenAiChatDialect().stream(ID, null);
    EventBuffer out = new EventBuffer(SseFraming.FULL, null);
    replies.forEach(reply -> renderer.render(reply, out));
    return new String(out.toByteArray(), UTF_8);
  }

  private static String document(List<Reply> replies) {
    DocumentRenderer renderer = new OpenAiChatDialect().document(ID, null);
    replies.forEach(renderer::add);
    return new String(renderer.body(), UTF_8);
  }
}
