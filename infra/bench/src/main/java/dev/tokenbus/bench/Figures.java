package dev.tokenbus.bench;

import dev.tokenbus.bench.load.LoadGenerator;
import dev.tokenbus.bench.load.LoadResult;
import dev.tokenbus.bench.load.Percentiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns results into named figures with the bars that Tokenbus must reach on two cores (the
 * backbone's acceptance).
 */
final class Figures {
  private static final double MEBIBYTE = 1024 * 1024;
  private static final double QUIET_PERCENT = 5;

  private static final double BURST_FIRST_TOKEN_MS = 60;
  private static final double SMALL_BESIDE_LARGE_MS = 150;
  private static final double DISK_PER_BODY = 1.2;
  private static final double NO_BAR = Double.POSITIVE_INFINITY;

  private final List<Figure> figures = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  List<Figure> all() {
    return List.copyOf(figures);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  void floor(String name, Percentiles times) {
    times("floor." + name, times);
  }

  /** Of a direct run, without bars but for completeness. */
  void direct(Scenario scenario, LoadResult result) {
    load(scenario.prefix() + ".direct", scenario, result, false);
  }

  void through(Scenario scenario, LoadResult result) {
    load(scenario.prefix() + ".through", scenario, result, true);
  }

  /** Small requests, measured while large ones run, and those. */
  void besideLargeBodies(String what, LoadGenerator.Pair pair) {
    String prefix = Scenario.LARGE_BODIES.prefix() + "." + what;
    boolean bars = what.equals("through");
    complete(prefix + ".large", pair.batch());
    times(prefix + ".large.total", pair.batch().total());
    add(Figure.of(prefix + ".large.seconds", "s", pair.batch().measured().toMillis() / 1e3));
    complete(prefix + ".small", pair.steady());
    Percentiles firstToken = pair.steady().firstToken();
    add(Figure.of(prefix + ".small.first_token.p50", "ms", firstToken.p50()));
    Figure p99 = Figure.of(prefix + ".small.first_token.p99", "ms", firstToken.p99());
    add(bars ? p99.atMost(SMALL_BESIDE_LARGE_MS) : p99);
    add(Figure.of(prefix + ".small.first_token.max", "ms", firstToken.max()));
  }

  /** What the broker wrote for each byte of a large body; small requests are in it, too. */
  void diskPerLargeBody(long bytes, int requests) {
    double bodies = (double) requests * Scenario.LARGE_CHARACTERS;
    add(
        Figure.of("large_bodies.through.disk_by_size", "times", bytes / bodies)
            .atMost(DISK_PER_BODY));
  }

  /** What the gateway adds to the first token, percentile by percentile. */
  void added(Percentiles direct, Percentiles through) {
    add(Figure.of("first_token.added.p50", "ms", through.p50() - direct.p50()).atMost(3.5));
    add(Figure.of("first_token.added.p99", "ms", through.p99() - direct.p99()).atMost(12));
  }

  void addedByFloor(Percentiles direct, Percentiles through, Percentiles floor) {
    double times = (through.p50() - direct.p50()) / floor.p50();
    add(Figure.of("first_token.added.p50_by_floor", "times", times).atMost(2.5));
  }

  void cpuPerRequest(Scenario scenario, Duration used, long requests) {
    double millis = used.toNanos() / 1e6 / requests;
    add(Figure.of(scenario.prefix() + ".through.cpu_per_request", "ms", millis));
  }

  /** How much of the machine others took while this was measured. */
  void others(String what, CpuMeter.Use use) {
    add(Figure.of(what + ".cpu_of_others", "%", use.othersPercent()));
    if (use.othersPercent() > QUIET_PERCENT) {
      note(what + ": other processes kept the machine busy, so its figures are too high");
    }
  }

  void start(Duration time) {
    add(Figure.of("start.ready", "s", time.toMillis() / 1e3).atMost(25));
  }

  void memoryAtRest(ProcessTree.Usage usage) {
    add(Figure.of("memory.at_rest", "MiB", usage.residentBytes() / MEBIBYTE).atMost(850));
    shared("at_rest", usage);
  }

  void memoryAfter(ProcessTree.Usage usage) {
    add(Figure.of("memory.after", "MiB", usage.residentBytes() / MEBIBYTE));
    shared("after", usage);
  }

  void note(String text) {
    notes.add(text);
  }

  private void shared(String when, ProcessTree.Usage usage) {
    double mebibytes = usage.proportionalBytes() / MEBIBYTE;
    add(Figure.of("memory." + when + ".shared_once", "MiB", mebibytes));
    add(Figure.of("memory." + when + ".processes", "", usage.processes()));
  }

  private void load(String prefix, Scenario scenario, LoadResult result, boolean bars) {
    complete(prefix, result);
    Figure rate = Figure.of(prefix + ".requests_per_second", "1/s", result.requestsPerSecond());
    switch (scenario) {
      case WHOLE -> {
        add(bars ? rate.atLeast(1_200) : rate);
        times(prefix + ".total", result.total());
      }
      case FIRST_TOKEN -> {
        add(rate);
        times(prefix + ".first_token", result.firstToken());
      }
      case BURST -> {
        times(prefix + ".first_token", result.firstToken(), bars ? BURST_FIRST_TOKEN_MS : NO_BAR);
        add(Figure.of(prefix + ".gap.p99", "ms", result.gaps().p99()));
      }
      case LARGE_BODIES -> times(prefix + ".total", result.total());
      case STREAMS, STREAMS_512 -> {
        add(rate);
        add(Figure.of(prefix + ".tokens_per_second", "1/s", result.tokensPerSecond()));
        times(prefix + ".first_token", result.firstToken());
        add(Figure.of(prefix + ".gap.p50", "ms", result.gaps().p50()));
        Figure gap = Figure.of(prefix + ".gap.p99", "ms", result.gaps().p99());
        add(bars ? gap.atMost(60) : gap);
        add(Figure.of(prefix + ".gap.max", "ms", result.gaps().max()));
      }
    }
  }

  private void complete(String prefix, LoadResult result) {
    double complete = result.requests() == 0 ? 0 : 100.0 * result.complete() / result.requests();
    add(Figure.of(prefix + ".complete", "%", complete).atLeast(100));
    if (!result.allComplete()) {
      note(prefix + ": " + result.problems());
    }
  }

  private void times(String prefix, Percentiles times) {
    times(prefix, times, NO_BAR);
  }

  private void times(String prefix, Percentiles times, double mostAtMedian) {
    Figure median = Figure.of(prefix + ".p50", "ms", times.p50());
    add(mostAtMedian == NO_BAR ? median : median.atMost(mostAtMedian));
    add(Figure.of(prefix + ".p99", "ms", times.p99()));
    add(Figure.of(prefix + ".max", "ms", times.max()));
  }

  private void add(Figure figure) {
    figures.add(figure);
  }
}
