package dev.tokenbus.workers.provider.http;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long a provider asks to wait: {@code retry-after-ms} (OpenAI's own), else {@code Retry-After}
 * in seconds or as a date (RFC 9110, section 10.2.3). Headers that say neither are passed over, and
 * no wait is longer than a day.
 */
final class RetryAfter {
  private static final double LONGEST_MS = Duration.ofDays(1).toMillis();

  private RetryAfter() {}

  static @Nullable Long millis(HttpHeaders headers, InstantSource clock) {
    return headers
        .firstValue("retry-after-ms")
        .flatMap(text -> number(text, 1))
        .or(() -> headers.firstValue("retry-after").flatMap(text -> secondsOrDate(text, clock)))
        .orElse(null);
  }

  private static Optional<Long> secondsOrDate(String text, InstantSource clock) {
    return number(text, 1_000)
        .or(() -> {
          try {
            ZonedDateTime until =
                ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
            return bounded(
                (double) Duration.between(clock.instant(), until.toInstant()).toMillis());
          } catch (DateTimeParseException e) {
            return Optional.empty();
          }
        });
  }

  private static Optional<Long> number(String text, int factor) {
    try {
      return bounded(Double.parseDouble(text.strip()) * factor);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Long> bounded(double millis) {
    return Double.isNaN(millis)
        ? Optional.empty()
        : Optional.of((long) Math.ceil(Math.clamp(millis, 0, LONGEST_MS)));
  }
}
