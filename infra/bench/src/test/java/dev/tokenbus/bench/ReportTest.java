package dev.tokenbus.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Report REPORT =
      new Report(
          Instant.EPOCH,
          "a machine",
          List.of(
              Figure.of("first_token.added.p50", "ms", 4.5).atMost(5),
              Figure.of("whole.through.requests_per_second", "1/s", 300).atLeast(400),
              Figure.of("whole.through.total.p50", "ms", 30)),
          List.of("something odd"));

  @TempDir private Path directory;

  @Test
  void passesOnlyWhenEveryBarIsReached() {
    assertThat(REPORT.passes()).isFalse();
    assertThat(Figure.of("a.b", "ms", 5).atMost(5).passes()).contains(true);
    assertThat(Figure.of("a.b", "ms", 5.1).atMost(5).passes()).contains(false);
    assertThat(Figure.of("a.b", "ms", 400).atLeast(400).passes()).contains(true);
    assertThat(Figure.of("a.b", "ms", 1).passes()).isEmpty();
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    Path file = directory.resolve("report.json");

    REPORT.write(file);

    assertThat(Report.values(file))
        .containsOnly(
            Map.entry("first_token.added.p50", 4.5),
            Map.entry("whole.through.requests_per_second", 300.0),
            Map.entry("whole.through.total.p50", 30.0));
  }

  @Test
  void refusesAFileThatIsNoReport() throws IOException {
    Path file = Files.writeString(directory.resolve("other.json"), "{}");

    assertThatThrownBy(() -> Report.values(file)).hasMessageContaining("holds no figures");
  }

  @Test
  void printsBarsMissesNotesAndTheRatioToAnEarlierRun() {
    StringWriter out = new StringWriter();

    new ReportTable(new PrintWriter(out, true))
        .print(REPORT, Map.of("whole.through.total.p50", 20.0));

    assertThat(out.toString())
        .containsPattern("first_token.added.p50 +4.50 ms +<= 5.00  ok")
        .containsPattern("requests_per_second +300.00 1/s +>= 400.00  MISSED")
        .contains("x 1.50 of 20.00")
        .contains("! something odd");
  }
}
