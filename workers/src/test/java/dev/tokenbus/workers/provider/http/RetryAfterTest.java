package dev.tokenbus.workers.provider.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
  private static final InstantSource NOON =
      InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));

  @Test
  void readsSecondsMillisecondsAndDates() {
    assertThat(millis(Map.of("retry-after", "3"))).isEqualTo(3_000);
    assertThat(millis(Map.of("retry-after", "0.25"))).isEqualTo(250);
    assertThat(millis(Map.of("retry-after", "Sat, 21 Nov 2026 12:01:30 GMT"))).isEqualTo(90_000);
    assertThat(millis(Map.of("retry-after-ms", "120.5", "retry-after", "9"))).isEqualTo(121);
  }

  @Test
  void readsATimeGoneByAsNow() {
    assertThat(millis(Map.of("retry-after", "Sat, 21 Nov 2026 11:00:00 GMT"))).isZero();
    assertThat(millis(Map.of("retry-after", "-5"))).isZero();
  }

  @Test
  void passesOverWhatItCannotRead() {
    assertThat(millis(Map.of())).isNull();
    assertThat(millis(Map.of("retry-after", "soon"))).isNull();
    assertThat(millis(Map.of("retry-after", "NaN"))).isNull();
  }

  @Test
  void waitsADayAtMost() {
    assertThat(millis(Map.of("retry-after", "1e300"))).isEqualTo(86_400_000);
  }

  private static @Nullable Long millis(Map<String, String> headers) {
    return RetryAfter.millis(
        HttpHeaders.of(
            headers.entrySet().stream()
                .collect(
                    java.util.stream.Collectors.toMap(
                        Map.Entry::getKey, entry -> List.of(entry.getValue()))),
            (name, value) -> true),
        NOON);
  }
}
