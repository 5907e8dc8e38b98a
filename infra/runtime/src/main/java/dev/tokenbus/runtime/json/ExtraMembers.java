package dev.tokenbus.runtime.json;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Collects members that the canonical form does not model, as the client wrote them. Not
 * thread-safe.
 */
public final class ExtraMembers {
  private @Nullable StringBuilder json;

  /** Keeps the current value of the cursor. */
  public void keep(String name, JsonCursor cursor) throws IOException {
    keep(name, cursor.raw());
  }

  /**
   * Keeps a value.
   *
   * @param value the value as JSON text
   */
  public void keep(String name, String value) {
    if (json == null) {
      json = new StringBuilder(value.length() + name.length() + 5).append('{');
    } else {
      json.append(',');
    }
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(name, json);
    json.append("\":").append(value);
  }

  /** A JSON object of all kept members, or null if there are none. */
  public @Nullable String json() {
    return json == null ? null : json + "}";
  }
}
