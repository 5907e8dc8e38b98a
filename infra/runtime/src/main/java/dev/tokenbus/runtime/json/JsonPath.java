package dev.tokenbus.runtime.json;

import org.jspecify.annotations.Nullable;

/**
 * The path of a value in a request, in OpenAI's notation: {@code messages[0].content[1].type}. It
 * becomes text only for an error.
 */
public record JsonPath(@Nullable JsonPath parent, @Nullable String member, int index) {
  public static final JsonPath ROOT = new JsonPath(null, null, -1);

  public JsonPath at(String name) {
    return new JsonPath(this, name, -1);
  }

  public JsonPath at(int position) {
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
