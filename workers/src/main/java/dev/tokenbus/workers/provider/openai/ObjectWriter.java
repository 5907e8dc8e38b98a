package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbus.runtime.json.RawJson;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object from its modelled members and its {@code extra}, the unmodelled members as
 * the client sent them. A modelled member goes before an extra one of the same name, except that
 * two objects of one name become one object with the members of both.
 *
 * <p>Not thread-safe.
 */
final class ObjectWriter {
  private static final double EXACT_INTEGERS = 1L << 53;

  private final JsonGenerator json;
  private final Map<String, String> extra;
  private final Set<String> written = new HashSet<>();

  private ObjectWriter(JsonGenerator json, @Nullable String extra) {
    this.json = json;
    this.extra = RawJson.members(extra);
  }

  static ObjectWriter begin(JsonGenerator json, @Nullable String extra) throws IOException {
    json.writeStartObject();
    return new ObjectWriter(json, extra);
  }

  void end() throws IOException {
    for (Map.Entry<String, String> member : extra.entrySet()) {
      if (!written.contains(member.getKey())) {
        json.writeFieldName(member.getKey());
        json.writeRawValue(member.getValue());
      }
    }
    json.writeEndObject();
  }

  /** Writes the name; the value is the caller's next write. */
  JsonGenerator name(String name) throws IOException {
    written.add(name);
    json.writeFieldName(name);
    return json;
  }

  /** Begins a member that is an object; extra members under the same name become part of it. */
  ObjectWriter object(String name) throws IOException {
    name(name);
    String more = extra.get(name);
    return begin(json, more != null && more.startsWith("{") ? more : null);
  }

  void text(String name, @Nullable String value) throws IOException {
    if (value != null) {
      name(name).writeString(value);
    }
  }

  /** A member whose value is JSON text already. */
  void raw(String name, @Nullable String value) throws IOException {
    if (value != null) {
      name(name).writeRawValue(value);
    }
  }

  void flag(String name, @Nullable Boolean value) throws IOException {
    if (value != null) {
      name(name).writeBoolean(value);
    }
  }

  void integer(String name, @Nullable Number value) throws IOException {
    if (value != null) {
      name(name).writeNumber(value.longValue());
    }
  }

  /** Whole numbers are written as such: a client's {@code 1} stays {@code 1}. */
  void number(String name, @Nullable Double value) throws IOException {
    if (value == null) {
      return;
    }
    if (value == Math.rint(value) && Math.abs(value) < EXACT_INTEGERS) {
      name(name).writeNumber(value.longValue());
    } else {
      name(name).writeNumber(value);
    }
  }
}
