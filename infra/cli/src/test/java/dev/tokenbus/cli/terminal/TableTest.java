package dev.tokenbus.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void makesColumnsAsWideAsTheirWidestCell() {
    Table table = new Table(Set.of(1), "TOPIC", "RECORDS");
    table.add("usage", 12);
    table.add("requests", 1234567890);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    table.print(new PrintStream(out, true, StandardCharsets.UTF_8));

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("TOPIC        RECORDS", "usage             12", "requests  1234567890");
  }

  @Test
  void refusesARowOfAnotherWidth() {
    Table table = new Table(Set.of(), "A", "B");

    assertThatThrownBy(() -> table.add("a")).isInstanceOf(IllegalArgumentException.class);
  }
}
