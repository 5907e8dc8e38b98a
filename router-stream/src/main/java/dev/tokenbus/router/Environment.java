package dev.tokenbus.router;

import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.Optional;

/** Typed settings from environment variables with a common prefix. */
record Environment(Addresses addresses, String prefix) {
  int number(String name, int otherwise) {
    return Math.toIntExact(number(name).orElse((long) otherwise));
  }

  Duration millis(String name, Duration otherwise) {
    return number(name).map(Duration::ofMillis).orElse(otherwise);
  }

  boolean flag(String name, boolean otherwise) {
    Optional<String> text = addresses.get(prefix + name);
    if (text.isEmpty()) {
      return otherwise;
    }
    return switch (text.get()) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              prefix + name + " must be true or false, was " + text.get());
    };
  }

  private Optional<Long> number(String name) {
    return addresses.get(prefix + name).map(text -> parsed(prefix + name, text));
  }

  private static Long parsed(String name, String text) {
    try {
      long value = Long.parseLong(text.strip());
      if (value < 0 || value > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(name + " is out of range: " + text);
      }
      return value;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a whole number, was " + text, e);
    }
  }
}
