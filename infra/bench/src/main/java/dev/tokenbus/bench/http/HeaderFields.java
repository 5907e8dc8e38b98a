package dev.tokenbus.bench.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Header fields in the order received; names compare without regard to case. */
public record HeaderFields(List<Field> fields) {
  public static final HeaderFields NONE = new HeaderFields(List.of());

  public HeaderFields {
    fields = List.copyOf(fields);
  }

  /** One field line. */
  public record Field(String name, String value) {}

  /** Fields of alternating names and values. */
  public static HeaderFields of(String... namesAndValues) {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
    }
    return new HeaderFields(fields);
  }

  /** These headers and one more field behind them. */
  public HeaderFields with(String name, String value) {
    List<Field> more = new ArrayList<>(fields);
    more.add(new Field(name, value));
    return new HeaderFields(more);
  }

  /** The first value of this name. */
  public Optional<String> first(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return Optional.of(field.value());
      }
    }
    return Optional.empty();
  }

  /** Whether a comma-separated field such as {@code Connection} lists this token. */
  public boolean lists(String name, String token) {
    String wanted = token.toLowerCase(Locale.ROOT);
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        for (String part : field.value().toLowerCase(Locale.ROOT).split(",", -1)) {
          if (part.strip().equals(wanted)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  void appendTo(StringBuilder out) {
    for (Field field : fields) {
      out.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
  }
}
