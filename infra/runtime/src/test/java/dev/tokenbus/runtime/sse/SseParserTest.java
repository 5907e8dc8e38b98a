package dev.tokenbus.runtime.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseParserTest {
  private static final int LIMIT = 64 * 1024;

  @Test
  void givesTheDataOfEachEvent() {
    assertThat(events("data: one\n\ndata: two\n\n")).containsExactly("one", "two");
  }

  @Test
  void endsLinesAtEveryKindOfLineEnd() {
    assertThat(events("data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\n"))
        .containsExactly("a", "b", "c", "d");
  }

  @Test
  void takesUnicodeLineSeparatorsForText() {
    assertThat(events("data: a\u2028b\u2029c\u0085d\n\n"))
        .containsExactly("a\u2028b\u2029c\u0085d");
  }

  @Test
  void joinsSeveralLinesOfData() {
    assertThat(events("data: {\ndata:  \"a\": 1\ndata\ndata:}\n\n"))
        .containsExactly("{\n \"a\": 1\n\n}");
  }

  @Test
  void passesOverCommentsAndOtherFields() {
    assertThat(events(": ping\n\nid: 7\nretry: 10\ndata: a\nunknown: x\n\n:\n\n"))
        .containsExactly("a");
  }

  @Test
  void passesOverAByteOrderMark() {
    assertThat(events("\uFEFFdata: a\n\n")).containsExactly("a");
  }

  @Test
  void keepsEverythingBehindOneSpace() {
    assertThat(events("data:a\n\ndata:  b\n\ndata: c: d\n\n")).containsExactly("a", " b", "c: d");
  }

  @Test
  void givesNothingForAnEventWithoutData() {
    assertThat(events("event: ping\n\ndata: a\n\n")).containsExactly("a");
  }

  @Test
  void marksErrorEventsAndWhatTheEndOfTheStreamCutOff() {
    assertThat(events("event: error\ndata: a\n\ndata: b\n\ndata: c"))
        .containsExactly("a (error)", "b", "c (cut)");
  }

  @Test
  void refusesAnEventBeyondTheLimit() {
    String half = "data: " + "x".repeat(LIMIT / 2 + 10) + "\n";

    assertThatThrownBy(() -> events(half + half + "\n"))
        .isInstanceOf(SseParser.TooLongException.class);
  }

  @Test
  void refusesALineBeyondTheLimitThatNeverEnds() {
    SseParser parser = new SseParser(LIMIT, (bytes, from, length, error, cut) -> {});
    byte[] piece = "x".repeat(1000).getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                parser.feed(ByteBuffer.wrap(piece));
              }
            })
        .isInstanceOf(SseParser.TooLongException.class);
  }

  @Test
  void givesTheSameEventsHoweverTheBytesAreCut() {
    Random random = new Random(20261121);
    for (int round = 0; round < 2_000; round++) {
      String stream = randomStream(random);
      byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
      List<String> whole = events(List.of(bytes));

      assertThat(events(cut(bytes, random))).as(stream).isEqualTo(whole);
    }
  }

  @Test
  void givesTheSameEventsByteByByte() {
    String stream =
        "\uFEFFdata: 日本 🙂\r\ndata: b\r\n\r\n: c\r\rdata: \u2028\n\nevent: error\rdata:x\r\r";
    List<byte[]> single = new ArrayList<>();
    for (byte b : stream.getBytes(StandardCharsets.UTF_8)) {
      single.add(new byte[] {b});
    }

    assertThat(events(single)).containsExactly("日本 🙂\nb", "\u2028", "x (error)");
  }

  @Test
  void survivesRandomBytes() {
    Random random = new Random(4711);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = new byte[random.nextInt(400)];
      random.nextBytes(bytes);
      for (int i = 0; i < bytes.length; i++) {
        if (random.nextInt(3) == 0) {
          bytes[i] = (byte) "\r\n: data\n".charAt(random.nextInt(9));
        }
      }
      List<String> whole = events(List.of(bytes));

      assertThat(events(cut(bytes, random))).isEqualTo(whole);
    }
  }

  private static String randomStream(Random random) {
    String[] ends = {"\n", "\r", "\r\n"};
    String[] lines = {
      "data: {\"a\":\"é\"}",
      "data:x",
      "data",
      ": comment",
      "event: error",
      "event: message",
      "",
      "",
      "id: 1",
      "data: 🙂\u2028\u0085",
      "data:  two",
      "\uFEFFdata: mark"
    };
    StringBuilder stream = new StringBuilder(random.nextInt(4) == 0 ? "\uFEFF" : "");
    int count = random.nextInt(30);
    for (int i = 0; i < count; i++) {
      stream.append(lines[random.nextInt(lines.length)]).append(ends[random.nextInt(ends.length)]);
    }
    return stream.toString();
  }

  private static List<byte[]> cut(byte[] bytes, Random random) {
    List<byte[]> pieces = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int to = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 40));
      pieces.add(java.util.Arrays.copyOfRange(bytes, at, to));
      at = to;
    }
    return pieces;
  }

  private static List<String> events(String stream) {
    return events(List.of(stream.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> events(List<byte[]> pieces) {
    List<String> events = new ArrayList<>();
    SseParser parser =
        new SseParser(
            LIMIT,
            (bytes, from, length, error, cut) ->
                events.add(
                    new String(bytes, from, length, StandardCharsets.UTF_8)
                        + (error ? " (error)" : "")
                        + (cut ? " (cut)" : "")));
    pieces.forEach(piece -> parser.feed(ByteBuffer.wrap(piece).asReadOnlyBuffer()));
    parser.end();
    return events;
  }
}
