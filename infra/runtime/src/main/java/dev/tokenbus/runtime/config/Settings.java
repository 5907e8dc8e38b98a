package dev.tokenbus.runtime.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Typed settings from environment variables with a common prefix. Values may refer to other
 * variables as {@code ${NAME}} or {@code ${NAME:-default}}. A value that cannot be used is an
 * {@link IllegalArgumentException} that names the variable and says what is right.
 *
 * <p>Immutable and thread-safe.
 *
 * @param prefix stands before every name, such as {@code TOKENBUS_ROUTER_}
 */
public record Settings(Addresses addresses, String prefix) {
  /** A text; empty where the variable is not set or blank. */
  public Optional<String> text(String name) {
    return addresses
        .get(prefix + name)
        .map(text -> {
          try {
            return new VariableReferences(addresses.asMap()).resolve(text).strip();
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(prefix + name + ": " + e.getMessage(), e);
          }
        });
  }

  /** A whole number that is not negative. */
  public int number(String name, int otherwise) {
    return Math.toIntExact(number(name, otherwise, 0, Integer.MAX_VALUE));
  }

  /** A whole number within bounds, both included. */
  public long number(String name, long otherwise, long least, long most) {
    return text(name)
        .map(text -> {
          if (text.matches("-?[0-9]{1,18}")) {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
              return value;
            }
          }
          throw wrong(name, "a whole number from " + least + " to " + most, text);
        })
        .orElse(otherwise);
  }

  /** A time in milliseconds, for variables whose name ends with {@code _MS}. */
  public Duration millis(String name, Duration otherwise) {
    return Duration.ofMillis(number(name, otherwise.toMillis(), 0, Integer.MAX_VALUE));
  }

  /** {@code true} or {@code false}. */
  public boolean flag(String name, boolean otherwise) {
    return text(name)
        .map(text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw wrong(name, "true or false", text);
            })
        .orElse(otherwise);
  }

  /** Words separated by commas, without the spaces around them. */
  public List<String> words(String name, List<String> otherwise) {
    return text(name)
        .map(text ->
            Arrays.stream(text.split(",")).map(String::strip).filter(w -> !w.isEmpty()).toList())
        .orElse(otherwise);
  }

  private IllegalArgumentException wrong(String name, String right, String text) {
    return new IllegalArgumentException(
        prefix + name + " must be " + right + ", was \"" + text + "\"");
  }
}
