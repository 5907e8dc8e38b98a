package dev.tokenbus.runtime.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RawJsonTest {
  @Test
  void carriesMembersWithTheirExactNumbers() {
    Map<String, String> members =
        RawJson.members("{\"a\":1.10,\"b\":{\"c\":12345678901234567890.5},\"d\":[null,true]}");

    assertThat(members)
        .containsExactly(
            Map.entry("a", "1.10"),
            Map.entry("b", "{\"c\":12345678901234567890.5}"),
            Map.entry("d", "[null,true]"));
    assertThat(RawJson.object(members))
        .isEqualTo("{\"a\":1.10,\"b\":{\"c\":12345678901234567890.5},\"d\":[null,true]}");
    assertThat(RawJson.object(Map.of())).isNull();
    assertThatThrownBy(() -> RawJson.members("[1]")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mergesDeltasAsTheSdksDo() {
    ObjectNode whole = null;
    for (String piece :
        new String[] {
          "{\"id\":\"x\",\"text\":\"Hel\",\"list\":[1],\"o\":{\"t\":\"a\"}}",
          "{\"id\":\"x\",\"text\":\"lo\",\"list\":[2],\"o\":{\"t\":\"b\"},\"n\":1}",
          "{\"n\":2,\"text\":null}"
        }) {
      whole = DeltaMerger.joined(whole, piece);
    }

    assertThat(whole)
        .hasToString(
            "{\"id\":\"x\",\"text\":\"Hello\",\"list\":[1,2],\"o\":{\"t\":\"ab\"},\"n\":2}");
  }

  @Test
  void writesStringsThatEveryReaderReads() {
    String text = "é\u2028\u2029\u0085\"\\\n\u0001😀";

    assertThat(new String(new Utf8Buffer().string(text).toByteArray(), StandardCharsets.UTF_8))
        .isEqualTo("\"é\u2028\u2029\u0085\\\"\\\\\\n\\u0001😀\"");
    assertThat(new String(new Utf8Buffer().string("\uD83D").toByteArray(), StandardCharsets.UTF_8))
        .isEqualTo("\"\\ud83d\"");
    assertThat(
            new String(
                new Utf8Buffer().ascii("{\"a\":1").members("{\"b\":\n2}").ascii("}").toByteArray(),
                StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":1,\"b\": 2}");
  }

  @Test
  void findsTheFirstByteThatIsNoText() {
    assertThat(Utf8Text.firstFault("é😀 \\ud83d\\ude00".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(-1);
    assertThat(Utf8Text.firstFault(new byte[] {'a', (byte) 0xC0, (byte) 0x80})).isEqualTo(1);
    assertThat(Utf8Text.firstFault("ab\\ud83d x".getBytes(StandardCharsets.UTF_8))).isEqualTo(2);
    assertThat(Utf8Text.firstFault(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})).isZero();
  }
}
