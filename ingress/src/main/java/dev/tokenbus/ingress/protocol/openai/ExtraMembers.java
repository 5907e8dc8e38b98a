package dev.tokenbus.ingress.protocol.openai;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Members that the canonical form does not model, kept as the client wrote them. Not thread-safe.
 */
final class ExtraMembers {
  private @Nullable StringBuilder json;

  /** Keeps the value the cursor stands on. */
  void keep(String name, JsonCursor cursor) throws IOException {
    keep(name, cursor.raw());
  }

  /**
   * Keeps a value.
   *
   * @param value JSON text
   */
  void keep(String name, String value) {
    if (json == null) {
      json = new StringBuilder(value.length() + name.length() + 5).append('{');
    } else {
      json.append(',');
    }
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(name, json);
    json.append("\":").append(value);
  }

  /** One JSON object with all that was kept, or null if nothing was. */
  @Nullable String json() {
    return json == null ? null : json + "}";
  }
}
