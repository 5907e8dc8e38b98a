package dev.tokenbus.runtime.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.JsonValueException.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonCursorTest {
  @Test
  void handsOutValuesToTheLetter() throws IOException {
    try (JsonCursor cursor =
        cursor("{\"a\": {\"n\": 1.50, \"u\":\"\\u00e9\" }, \"b\": \"é\\n\"}")) {
      cursor.next();
      cursor.nextMember();
      assertThat(cursor.member()).isEqualTo("a");
      assertThat(cursor.raw()).isEqualTo("{\"n\": 1.50, \"u\":\"\\u00e9\" }");
      cursor.nextMember();
      cursor.member();
      assertThat(cursor.string(JsonPath.ROOT.at("b"))).isEqualTo("é\n");
      assertThat(cursor.nextMember()).isFalse();
    }
  }

  @Test
  void saysWhatIsWrongAndWhere() throws IOException {
    JsonPath path = JsonPath.ROOT.at("messages").at(0).at("n");

    assertThatThrownBy(() -> value("7").string(path))
        .isInstanceOfSatisfying(
            JsonValueException.class,
            e ->
                assertThat(e.fault())
                    .isEqualTo(new Fault.WrongType(path, "a string", JsonToken.VALUE_NUMBER_INT)));
    assertThatThrownBy(() -> value("-1").integer(path, 0, 9))
        .isInstanceOfSatisfying(
            JsonValueException.class,
            e -> assertThat(e.fault()).isEqualTo(new Fault.Below(path, "integer", "0", "-1")));
    assertThatThrownBy(() -> value("99999999999999999999").integer(path, 0, 9))
        .isInstanceOfSatisfying(
            JsonValueException.class, e -> assertThat(e.fault()).isInstanceOf(Fault.Above.class));
    assertThatThrownBy(() -> value("2.5").decimal(path, 0, 2))
        .isInstanceOfSatisfying(
            JsonValueException.class,
            e -> assertThat(e.fault()).isEqualTo(new Fault.Above(path, "decimal", "2", "2.5")));
    assertThat(path).hasToString("messages[0].n");
  }

  @Test
  void refusesWhatTwoReadersWouldReadDifferently() {
    for (String text : new String[] {"{\"a\":1,\"a\":2}", "{\"a\":NaN}", "{'a':1}"}) {
      assertThatThrownBy(
              () -> {
                try (JsonCursor cursor = cursor(text)) {
                  cursor.next();
                  while (cursor.nextMember()) {
                    cursor.member();
                    cursor.skip();
                  }
                }
              })
          .as(text)
          .isInstanceOf(JsonProcessingException.class);
    }
  }

  @Test
  void anIndexGivesMembersInAnyOrderAndKeepsTheRest() throws IOException {
    try (JsonCursor cursor = cursor("{\"x\": [1, 2], \"text\":\"a\\\"b\", \"type\":\"t\"}")) {
      cursor.next();
      JsonObjectIndex index = new JsonObjectIndex(cursor, JsonPath.ROOT);

      assertThat(index.requireString("type")).isEqualTo("t");
      assertThat(index.string("text")).isEqualTo("a\"b");
      assertThat(index.string("absent")).isNull();
      assertThat(index.rest()).isEqualTo("{\"x\":[1, 2]}");
      assertThatThrownBy(() -> index.requireString("id"))
          .isInstanceOfSatisfying(
              JsonValueException.class,
              e -> assertThat(e.fault()).isEqualTo(new Fault.Missing(JsonPath.ROOT.at("id"))));
    }
  }

  private static JsonCursor cursor(String text) throws IOException {
    return new JsonCursor(text.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonCursor value(String text) throws IOException {
    JsonCursor cursor = cursor("[" + text + "]");
    cursor.next();
    cursor.next();
    return cursor;
  }
}
