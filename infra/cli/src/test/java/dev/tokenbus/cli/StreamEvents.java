package dev.tokenbus.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What a client has seen of one stream, over one connection or several. One thread. */
final class StreamEvents {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ID = "id: ";
  private static final String DATA = "data: ";
  private static final String DONE = "[DONE]";

  private final List<String> ids = new ArrayList<>();
  private final StringBuilder data = new StringBuilder();
  private final AtomicInteger count = new AtomicInteger();
  private long lastAt = System.nanoTime();
  private Duration longestGap = Duration.ZERO;

  /**
   * Takes what comes, up to the last event.
   *
   * @return whether that has come
   */
  boolean read(BufferedReader lines) throws IOException {
    String id = "";
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(ID)) {
        id = line.substring(ID.length());
      } else if (line.startsWith(DATA)) {
        // A last line that was cut off would be seen as whole, but then its blank line is missing.
        String text = line.substring(DATA.length());
        if (lines.readLine() == null) {
          return false;
        }
        take(id, text);
        if (text.equals(DONE)) {
          return true;
        }
      }
    }
    return false;
  }

  private void take(String id, String text) {
    long now = System.nanoTime();
    Duration gap = Duration.ofNanos(now - lastAt);
    lastAt = now;
    if (count.get() > 0 && gap.compareTo(longestGap) > 0) {
      longestGap = gap;
    }
    ids.add(id);
    data.append(text).append('\n');
    count.incrementAndGet();
  }

  /** Ids of the events, in the order in which they came. */
  List<String> ids() {
    return List.copyOf(ids);
  }

  /** All data, a line for each event. */
  String data() {
    return data.toString();
  }

  /** The answer's text. */
  String text() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : data().lines().toList()) {
      if (!line.equals(DONE)) {
        JsonNode chunk = JSON.readTree(line);
        text.append(chunk.path("choices").path(0).path("delta").path("content").asText(""));
      }
    }
    return text.toString();
  }

  /** Between two events. */
  Duration longestGap() {
    return longestGap;
  }

  /** How many events have come; may be asked by any thread. */
  int count() {
    return count.get();
  }
}
