package dev.tokenbus.ingress.protocol.openai;

import org.jspecify.annotations.Nullable;

/**
 * Where in the request a value stands, in OpenAI's notation: {@code messages[0].content[1].type}.
 * Put into words only when something is wrong there.
 */
record JsonPath(@Nullable JsonPath parent, @Nullable String member, int index) {
  static final JsonPath ROOT = new JsonPath(null, null, -1);

  JsonPath at(String name) {
    return new JsonPath(this, name, -1);
  }

  JsonPath at(int position) {
    return new JsonPath(this, null, position);
  }

  @Override
  public String toString() {
    if (parent == null) {
      return "";
    }
    String before = parent.toString();
    if (member == null) {
      return before + "[" + index + "]";
    }
    return before.isEmpty() ? member : before + "." + member;
  }
}
