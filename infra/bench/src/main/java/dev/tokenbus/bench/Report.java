package dev.tokenbus.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The figures of one run and what they were measured on. */
record Report(Instant at, String machine, List<Figure> figures, List<String> notes) {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  Report {
    figures = List.copyOf(figures);
    notes = List.copyOf(notes);
  }

  boolean passes() {
    return figures.stream().allMatch(figure -> figure.passes().orElse(true));
  }

  void write(Path file) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("at", at.toString());
    root.put("machine", machine);
    ArrayNode list = root.putArray("figures");
    for (Figure figure : figures) {
      ObjectNode node = list.addObject();
      node.put("name", figure.name()).put("unit", figure.unit()).put("value", figure.value());
      figure.atMost().ifPresent(bar -> node.put("at_most", bar));
      figure.atLeast().ifPresent(bar -> node.put("at_least", bar));
    }
    ArrayNode remarks = root.putArray("notes");
    notes.forEach(remarks::add);
    Files.writeString(file, MAPPER.writeValueAsString(root) + "\n");
  }

  /**
   * The values of a run written earlier, by name.
   *
   * @throws IOException when the file is not such a report
   */
  static Map<String, Double> values(Path file) throws IOException {
    Map<String, Double> values = new TreeMap<>();
    for (JsonNode figure : MAPPER.readTree(file.toFile()).path("figures")) {
      values.put(figure.path("name").asText(), figure.path("value").asDouble());
    }
    if (values.isEmpty()) {
      throw new IOException(file + " holds no figures; it must come from bench --json");
    }
    return values;
  }

  /** What every figure depends on. */
  static String thisMachine() {
    return Runtime.getRuntime().availableProcessors()
        + " processors, "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch")
        + ", Java "
        + Runtime.version();
  }
}
