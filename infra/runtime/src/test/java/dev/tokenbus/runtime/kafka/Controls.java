package dev.tokenbus.runtime.kafka;

import dev.tokenbus.schemas.avro.Control;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Records of topic {@code control}, of this version and of a newer one. */
public final class Controls {
  public static final Schema TODAY = Control.getClassSchema();

  /** Knows a command that this version does not. */
  public static final Schema NEWER =
      new Schema.Parser()
          .parse(
              TODAY
                  .toString()
                  .replace(
                      "\"type\":[{\"type\":\"record\",\"name\":\"Cancel\"",
                      "\"type\":[{\"type\":\"record\",\"name\":\"Pause\",\"fields\":[]},"
                          + "{\"type\":\"record\",\"name\":\"Cancel\""));

  private Controls() {}

  public static byte[] cancel(FakeRegistry registry, String requestId) {
    Schema kind = branch(TODAY, "Cancel");
    GenericRecord command = new GenericData.Record(kind);
    command.put("reason", new GenericData.EnumSymbol(kind.getField("reason").schema(), "OPERATOR"));
    command.put("upToAttempt", 1);
    return registry.written(TODAY, control(TODAY, requestId, command));
  }

  public static byte[] pause(FakeRegistry registry, String requestId) {
    return registry.written(
        NEWER, control(NEWER, requestId, new GenericData.Record(branch(NEWER, "Pause"))));
  }

  public static byte[] foreign() {
    return "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
  }

  private static GenericRecord control(Schema schema, String requestId, GenericRecord command) {
    GenericRecord control = new GenericData.Record(schema);
    control.put("requestId", requestId);
    control.put("tenant", "acme");
    control.put("at", 5L);
    control.put("command", command);
    return control;
  }

  private static Schema branch(Schema control, String name) {
    return control.getField("command").schema().getTypes().stream()
        .filter(type -> type.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
