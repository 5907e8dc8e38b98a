package dev.tokenbus.runtime.catalogue.file;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How single values are written. Each throws an IllegalArgumentException that says what is right.
 */
final class Formats {
  private static final Pattern DURATION = Pattern.compile("(?<number>[0-9]{1,9})(?<unit>ms|s|m|h)");
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,15}(\\.[0-9]{1,18})?");

  private Formats() {}

  /** A time such as {@code 500ms}, {@code 10s}, {@code 2m} or {@code 1h}; more than nothing. */
  static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (matcher.matches() && Long.parseLong(matcher.group("number")) > 0) {
      long number = Long.parseLong(matcher.group("number"));
      return switch (matcher.group("unit")) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        default -> Duration.ofHours(number);
      };
    }
    throw new IllegalArgumentException(
        "\"" + text + "\" is not a duration: write 500ms, 10s, 2m or 1h");
  }

  /** A whole number within bounds, both included. */
  static Function<String, Long> number(long least, long most) {
    return text -> {
      if (text.matches("[0-9]{1,15}")) {
        long number = Long.parseLong(text);
        if (number >= least && number <= most) {
          return number;
        }
      }
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a whole number from " + least + " to " + most);
    };
  }

  static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("\"" + text + "\" is neither true nor false");
    };
  }

  /** An amount of money or a rate, exactly as written. */
  static String amount(String text) {
    String decimal = decimal(text);
    if (new BigDecimal(decimal).signum() < 0) {
      throw new IllegalArgumentException("\"" + text + "\" is negative");
    }
    return decimal;
  }

  /** A rate in per cent, which may be negative: {@code 20%}. */
  static String percent(String text) {
    if (!text.endsWith("%")) {
      throw new IllegalArgumentException("\"" + text + "\" is not a rate: write 20%");
    }
    return decimal(text.substring(0, text.length() - 1));
  }

  private static String decimal(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new IllegalArgumentException("\"" + text + "\" is not a decimal number: write 0.25");
    }
    return text;
  }

  /** The beginning of a day in UTC. */
  static Instant day(String text) {
    try {
      return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not a day: write 2026-01-31", e);
    }
  }

  static String zone(String text) {
    try {
      return ZoneId.of(text).getId();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a time zone: write Europe/Berlin", e);
    }
  }

  static String currency(String text) {
    if (!text.matches("[A-Z]{3}")) {
      throw new IllegalArgumentException("\"" + text + "\" is not a currency: write USD");
    }
    return text;
  }

  /** One of a few words. */
  static Function<String, String> word(String... words) {
    return text -> {
      if (List.of(words).contains(text)) {
        return text;
      }
      throw new IllegalArgumentException(
          words.length == 2
              ? "\"" + text + "\" is neither " + words[0] + " nor " + words[1]
              : "\"" + text + "\" is none of " + String.join(", ", words));
    };
  }
}
