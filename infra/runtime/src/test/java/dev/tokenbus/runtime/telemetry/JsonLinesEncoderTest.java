package dev.tokenbus.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JsonLinesEncoderTest {
  private static final Instant AT = Instant.parse("2026-11-21T10:00:00.07Z");

  @Test
  void writesOneObjectPerLine() throws IOException {
    LoggingEvent event = event("attempt started", null);
    event.addKeyValuePair(new KeyValuePair("request_id", "0192"));
    event.addKeyValuePair(new KeyValuePair("attempt", 2));
    event.addKeyValuePair(new KeyValuePair("billed", true));

    String line = encode(event);

    assertThat(line).endsWith("\n").hasLineCount(1);
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.path("timestamp").asText()).isEqualTo("2026-11-21T10:00:00.070Z");
    assertThat(json.path("level").asText()).isEqualTo("INFO");
    assertThat(json.path("message").asText()).isEqualTo("attempt started");
    assertThat(json.path("logger").asText()).isEqualTo("dev.tokenbus.test");
    assertThat(json.path("request_id").asText()).isEqualTo("0192");
    assertThat(json.path("attempt").isInt()).isTrue();
    assertThat(json.path("billed").isBoolean()).isTrue();
  }

  @Test
  void keepsOneLineWhateverTheTextHolds() throws IOException {
    LoggingEvent event = event("two\nlines \"quoted\" \u2028 end", null);
    event.addKeyValuePair(new KeyValuePair("text", "a\r\nb"));

    String line = encode(event);

    assertThat(line.strip()).doesNotContain("\n").doesNotContain("\r");
    assertThat(new ObjectMapper().readTree(line).path("text").asText()).isEqualTo("a\r\nb");
  }

  @Test
  void letsNoValueTakeTheNameOfAField() throws IOException {
    LoggingEvent event = event("real", null);
    event.addKeyValuePair(new KeyValuePair("message", "false"));
    event.addKeyValuePair(new KeyValuePair("level", "OFF"));

    JsonNode json = new ObjectMapper().readTree(encode(event));

    assertThat(json.path("message").asText()).isEqualTo("real");
    assertThat(json.path("level").asText()).isEqualTo("INFO");
  }

  @Test
  void writesTheStackOfAnException() throws IOException {
    LoggingEvent event = event("failed", new IllegalStateException("why"));

    assertThat(new ObjectMapper().readTree(encode(event)).path("stack").asText())
        .contains("IllegalStateException: why")
        .contains("JsonLinesEncoderTest");
  }

  private static LoggingEvent event(String message, @Nullable Throwable thrown) {
    LoggingEvent event =
        new LoggingEvent(
            "test",
            new LoggerContext().getLogger("dev.tokenbus.test"),
            Level.INFO,
            message,
            thrown,
            null);
    event.setInstant(AT);
    event.setMDCPropertyMap(Map.of());
    return event;
  }

  private static String encode(LoggingEvent event) {
    return new String(new JsonLinesEncoder().encode(event), StandardCharsets.UTF_8);
  }
}
