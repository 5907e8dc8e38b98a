package dev.tokenbus.bench;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Prints a report for people: one figure a line, with its bar and the ratio to an earlier run. */
final class ReportTable {
  private final PrintWriter out;

  ReportTable(PrintWriter out) {
    this.out = out;
  }

  void print(Report report, Map<String, Double> baseline) {
    out.println();
    out.println(report.machine() + ", " + report.at());
    out.printf(Locale.ROOT, "%-42s %12s %-10s %-18s %s%n", "figure", "value", "", "bar", "");
    String group = "";
    for (Figure figure : report.figures()) {
      String next = figure.name().substring(0, figure.name().indexOf('.'));
      if (!next.equals(group)) {
        out.println();
        group = next;
      }
      print(figure, Optional.ofNullable(baseline.get(figure.name())));
    }
    report.notes().forEach(note -> out.println("! " + note));
    out.flush();
  }

  private void print(Figure figure, Optional<Double> before) {
    out.printf(
        Locale.ROOT,
        "%-42s %12s %-10s %-18s %s%n",
        figure.name(),
        number(figure.value()),
        figure.unit(),
        bar(figure),
        before.map(value -> ratio(figure.value(), value)).orElse(""));
  }

  private static String bar(Figure figure) {
    String text =
        figure.atMost().isPresent()
            ? "<= " + number(figure.atMost().getAsDouble())
            : figure.atLeast().isPresent() ? ">= " + number(figure.atLeast().getAsDouble()) : "";
    return figure.passes().map(passes -> text + (passes ? "  ok" : "  MISSED")).orElse(text);
  }

  private static String ratio(double now, double before) {
    return before == 0
        ? "before 0"
        : String.format(Locale.ROOT, "x %.2f of %s", now / before, number(before));
  }

  private static String number(double value) {
    return Math.abs(value) >= 1000
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }
}
