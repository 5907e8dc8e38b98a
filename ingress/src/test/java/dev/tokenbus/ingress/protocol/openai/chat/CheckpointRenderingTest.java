package dev.tokenbus.ingress.protocol.openai.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.ingress.protocol.EventBuffer;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.SseFraming;
import dev.tokenbus.ingress.protocol.StreamRenderer;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream is rendered alike from its beginning and from behind any of its checkpoints. */
class CheckpointRenderingTest {
  private static final Pattern EVENT_END = Pattern.compile("(?<=\n\n)");
  private static final RequestId ID =
      RequestId.of(Instant.ofEpochSecond(1_760_000_000), 3, new Random(1));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void rendersTheSameBytesAfterEveryEvent(int seed) {
    List<Reply> replies = stream(new Random(seed));
    List<String> events = new ArrayList<>();
    List<EventPosition> positions = new ArrayList<>();
    for (String event : EVENT_END.splitAsStream(render(replies, 0, null)).toList()) {
      events.add(event);
      positions.add(
          EventPosition.parse(event.substring("id: ".length(), event.indexOf('\n'))).orElseThrow());
    }
    assertThat(events).hasSizeGreaterThan(60);
    int resumed = 0;
    for (int seen = 1; seen <= events.size(); seen++) {
      EventPosition after = positions.get(seen - 1);
      int from = checkpointBefore(replies, (int) after.offset());
      resumed += from > 0 ? 1 : 0;

      assertThat(render(replies, from, after))
          .isEqualTo(String.join("", events.subList(seen, events.size())));
    }
    assertThat(resumed).isGreaterThan(events.size() / 2);
  }

  /** The test above would pass if renderers had no state; this one shows that they have. */
  @Test
  void aChoiceThatHasBegunDoesNotBeginAgain() {
    List<Reply> replies =
        new ReplyRecords(ID).opened(1, "m").text("a").checkpoint(0).text("b").records();

    assertThat(render(replies, 2, new EventPosition(1, 1)))
        .contains("\"content\":\"b\"")
        .doesNotContain("assistant");
    assertThat(render(new ReplyRecords(ID).opened(1, "m").text("b").records(), 0, null))
        .contains("assistant");
  }

  private static List<Reply> stream(Random random) {
    ReplyRecords records = new ReplyRecords(ID).admitted(true, true).opened(1, "model-a");
    for (int i = 0; i < 60; i++) {
      int choice = random.nextInt(2);
      Object content =
          switch (random.nextInt(4)) {
            case 0 -> new ReasoningDelta("r" + i, null, null);
            case 1 -> new ToolCallDelta(0, i == 1 ? "call" : null, "f", "{", null);
            default -> new TextDelta("t" + i);
          };
      records.deltas(new Delta(choice, content, null, null));
      if (i == 30) {
        records.opened(2, "model-b");
      }
      if (i % 7 == 6) {
        records.checkpoint(0, 1);
      }
    }
    return records.stop().completed(5, 60).records();
  }

  /** The index of the last checkpoint before the record, of the run that wrote the record. */
  private static int checkpointBefore(List<Reply> replies, int index) {
    Reply record = replies.get(index);
    for (int i = index - 1; i > 0; i--) {
      Reply earlier = replies.get(i);
      if (earlier.getEvent() instanceof Checkpoint
          && earlier.getAttempt() == record.getAttempt()
          && earlier.getClaim() == record.getClaim()) {
        return i;
      }
    }
    return 0;
  }

  /** Records have their index as offset; where the first one is a checkpoint, begins behind it. */
  private static String render(List<Reply> replies, int from, @Nullable EventPosition after) {
    StreamRenderer renderer = new OpenAiChatDialect().stream(ID, null);
    EventBuffer out = new EventBuffer(SseFraming.FULL, after);
    ReplyFold fold = new ReplyFold();
    int next = from;
    if (replies.get(from).getEvent() instanceof Checkpoint checkpoint) {
      fold = ReplyFold.behind(replies.get(from));
      renderer.resume(checkpoint);
      next++;
    }
    for (int i = next; i < replies.size(); i++) {
      if (fold.accept(replies.get(i)) == ReplyFold.Verdict.IGNORED) {
        continue;
      }
      if (after != null && i < after.offset()) {
        renderer.skip(replies.get(i));
      } else {
        out.atRecord(i);
        renderer.render(replies.get(i), out);
      }
    }
    return new String(out.toByteArray(), UTF_8);
  }
}
