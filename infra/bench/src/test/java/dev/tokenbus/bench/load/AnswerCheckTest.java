package dev.tokenbus.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnswerCheckTest {
  private static final String TEXT = "héllo wörld 🙂 end";
  private static final String GOOD = stream("\n");

  private static String stream(String end) {
    return String.join(
        end,
        ": comment",
        "",
        "id: 7",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
        "",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"héllo wör\"}}]}",
        "",
        "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ld 🙂 end\"},\"finish_reason\":null}]}",
        "",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}",
        "",
        "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}",
        "",
        "data: [DONE]",
        "",
        "");
  }

  private static Optional<String> verdict(byte[] body, Random splits) {
    AnswerCheck check = new AnswerCheck(true, TEXT, () -> {});
    int start = 0;
    while (start < body.length) {
      int length = Math.min(body.length - start, 1 + splits.nextInt(9));
      check.body(ByteBuffer.wrap(body, start, length).slice());
      start += length;
    }
    return check.verdict();
  }

  @Test
  void acceptsACompleteStreamHoweverItIsSplitAndItsLinesEnd() {
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      for (String end : new String[] {"\n", "\r\n", "\r"}) {
        byte[] body = stream(end).getBytes(StandardCharsets.UTF_8);
        assertThat(verdict(body, random)).isEmpty();
      }
    }
  }

  @Test
  void findsEveryTruncation() {
    byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
    int done = GOOD.indexOf("[DONE]");
    int needed = GOOD.substring(0, done).getBytes(StandardCharsets.UTF_8).length + 7;
    for (int length = 0; length < needed; length++) {
      byte[] part = new byte[length];
      System.arraycopy(body, 0, part, 0, length);
      assertThat(verdict(part, new Random(length))).as("first %d bytes", length).isPresent();
    }
  }

  @Test
  void neverThrowsWhateverTheBytes() {
    Random random = new Random(5);
    int wrong = 0;
    for (int round = 0; round < 5000; round++) {
      byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(4); change >= 0; change--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      wrong += verdict(body, random).isPresent() ? 1 : 0;
    }
    assertThat(wrong).isGreaterThan(2500);
  }

  @Test
  void countsOnlyDeltasWithContent() {
    AtomicInteger deltas = new AtomicInteger();
    AnswerCheck check = new AnswerCheck(true, TEXT, deltas::incrementAndGet);
    check.body(ByteBuffer.wrap(GOOD.getBytes(StandardCharsets.UTF_8)));

    assertThat(deltas).hasValue(2);
  }

  @Test
  void checksAWholeAnswer() {
    AnswerCheck check = new AnswerCheck(false, "ok", () -> {});
    check.body(
        ByteBuffer.wrap(
            "{\"choices\":[{\"message\":{\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}"
                .getBytes(StandardCharsets.UTF_8)));

    assertThat(check.verdict()).isEmpty();
  }
}
