package dev.tokenbus.runtime.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.event.KeyValuePair;

/**
 * One JSON object per event and line: {@code timestamp} (RFC 3339, UTC, milliseconds), {@code
 * level}, {@code message}, {@code logger}, {@code thread}, then the event's own key-values ({@code
 * request_id} …) and, where there is one, the exception's {@code stack}. A key-value cannot take
 * the name of a field.
 */
public final class JsonLinesEncoder extends EncoderBase<ILoggingEvent> {
  private static final JsonFactory JSON = new JsonFactory();
  private static final DateTimeFormatter RFC_3339 =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);
  private static final Set<String> FIELDS =
      Set.of("timestamp", "level", "message", "logger", "thread", "stack");
  private static final byte[] NOTHING = {};
  private static final int USUAL_BYTES = 256;

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(USUAL_BYTES);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField(
          "timestamp", RFC_3339.format(Instant.ofEpochMilli(event.getTimeStamp())));
      json.writeStringField("level", event.getLevel().toString());
      json.writeStringField("message", event.getFormattedMessage());
      json.writeStringField("logger", event.getLoggerName());
      json.writeStringField("thread", event.getThreadName());
      for (Map.Entry<String, Object> value : valuesOf(event).entrySet()) {
        json.writeFieldName(value.getKey());
        writeValue(json, value.getValue());
      }
      if (event.getThrowableProxy() != null) {
        json.writeStringField("stack", ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot happen: writing to memory", e);
    }
    return line.toByteArray();
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  /** The thread's context and the event's own values, which win. */
  private static Map<String, Object> valuesOf(ILoggingEvent event) {
    Map<String, Object> values = new TreeMap<>(event.getMDCPropertyMap());
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        values.put(pair.key, pair.value == null ? "null" : pair.value);
      }
    }
    values.keySet().removeAll(FIELDS);
    return values;
  }

  private static void writeValue(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      case Boolean truth -> json.writeBoolean(truth);
      default -> json.writeString(value.toString());
    }
  }
}
