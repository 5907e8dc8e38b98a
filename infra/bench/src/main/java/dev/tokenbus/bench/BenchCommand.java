package dev.tokenbus.bench;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures Tokenbus against the direct call and the raw floor, in one go. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what Tokenbus adds to a direct call, and what three raw hops over Kafka cost.",
      "Starts a mock provider, measures it directly, then starts Tokenbus in front of it.",
      "To measure one that runs already: give --mock-port, apply the catalogue that",
      "--print-catalogue shows, and name it by --url, --key and, for CPU and memory, --pid."
    })
public final class BenchCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--launcher", defaultValue = "./tokenbus", description = "default: ./tokenbus")
  private Path launcher = Path.of("tokenbus");

  @Option(names = "--port", defaultValue = "18317", description = "of the Tokenbus it starts")
  private int port;

  @Option(names = "--url", description = "a running gateway, up to and with /v1")
  private @Nullable URI url;

  @Option(names = "--key", description = "its API key")
  private @Nullable String key;

  @Option(names = "--pid", description = "its process")
  private @Nullable Long pid;

  @Option(
      names = "--home",
      description = "its data directory, to find PostgreSQL's processes and the broker's log")
  private @Nullable Path home;

  @Option(names = "--mock-port", defaultValue = "0", description = "default: a free one")
  private int mockPort;

  @Option(names = "--print-catalogue", description = "prints the catalogue for --mock-port")
  private boolean printCatalogue;

  @Option(
      names = "--scenario",
      split = ",",
      description = "of ${COMPLETION-CANDIDATES}; default: FIRST_TOKEN, STREAMS, WHOLE")
  private List<Scenario> scenarios = Scenario.USUAL;

  @Option(names = "--no-floor", description = "leaves the raw floor out")
  private boolean noFloor;

  @Option(names = "--floor-servers", description = "cluster for the floor; default: its own broker")
  private @Nullable String floorServers;

  @Option(names = "--rate", defaultValue = "50", description = "requests a second, open loop")
  private double rate;

  @Option(names = "--streams", defaultValue = "300", description = "concurrent streams")
  private int streams;

  @Option(names = "--clients", defaultValue = "64", description = "of answers not streamed")
  private int clients;

  @Option(names = "--large-requests", defaultValue = "64", description = "of 9.9 MB each")
  private int largeRequests;

  @Option(
      names = "--rest",
      defaultValue = "10s",
      converter = ShortDuration.class,
      description = "from ready to the look at its memory; default: 10s")
  private Duration rest = Duration.ZERO;

  @Option(
      names = "--pre-warm",
      defaultValue = "30s",
      converter = ShortDuration.class,
      description = "busy load that is not measured; default: 30s")
  private Duration preWarm = Duration.ZERO;

  @Option(
      names = "--warm-up",
      defaultValue = "10s",
      converter = ShortDuration.class,
      description = "of every measurement; default: 10s")
  private Duration warmUp = Duration.ZERO;

  @Option(
      names = "--measured",
      defaultValue = "30s",
      converter = ShortDuration.class,
      description = "of every measurement; default: 30s")
  private Duration measured = Duration.ZERO;

  @Option(names = "--json", description = "writes the figures to this file")
  private @Nullable Path json;

  @Option(names = "--baseline", description = "a file written by --json, to compare with")
  private @Nullable Path baseline;

  @Option(names = "--strict", description = "exit code 1 when a bar is missed")
  private boolean strict;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec().commandLine().getOut();
    if (printCatalogue) {
      requireMockPort();
      out.print(BenchCatalogue.yaml(mockPort));
      out.flush();
      return 0;
    }
    Map<String, Double> before = baseline == null ? Map.of() : Report.values(baseline);
    Report report = measure();
    new ReportTable(out).print(report, before);
    if (json != null) {
      report.write(json);
    }
    return strict && !report.passes() ? 1 : 0;
  }

  private Report measure() throws IOException, InterruptedException {
    MockOptions options = MockOptions.DEFAULT.withPort(mockPort).withRemembered(0);
    try (MockProvider mock = MockProvider.start(options)) {
      Figures figures = new Figures();
      Bench bench = new Bench(plan(), mock, figures, this::progress);
      bench.floor();
      bench.direct();
      if (url == null) {
        startAndMeasure(bench, mock, figures);
      } else {
        requireMockPort();
        Optional<ProcessTree> tree =
            Optional.ofNullable(pid).map(root -> new ProcessTree(root, Optional.ofNullable(home)));
        measure(
            bench,
            new Gateway(url, Optional.ofNullable(key), tree, Optional.ofNullable(home)),
            figures);
      }
      return new Report(
          InstantSource.system().instant(), Report.thisMachine(), figures.all(), figures.notes());
    }
  }

  private void startAndMeasure(Bench bench, MockProvider mock, Figures figures)
      throws IOException, InterruptedException {
    try (TemporaryHome temporary = TemporaryHome.create()) {
      Path catalogue = temporary.directory().resolve("bench-catalogue.yaml");
      Files.writeString(catalogue, BenchCatalogue.yaml(mock.port()));
      progress("starting " + launcher);
      try (TokenbusProcess tokenbus =
          TokenbusProcess.start(launcher, temporary.directory(), port, catalogue)) {
        figures.start(tokenbus.startTime());
        progress("ready after " + tokenbus.startTime().toMillis() + " ms, resting");
        Thread.sleep(rest);
        measure(bench, tokenbus.gateway(), figures);
      }
    }
  }

  private static void measure(Bench bench, Gateway gateway, Figures figures)
      throws InterruptedException {
    gateway.processes().ifPresent(tree -> figures.memoryAtRest(tree.usage()));
    bench.preWarm(gateway);
    bench.through(gateway);
    gateway.processes().ifPresent(tree -> figures.memoryAfter(tree.usage()));
  }

  private BenchPlan plan() {
    return new BenchPlan(
        !noFloor,
        scenarios,
        rate,
        streams,
        clients,
        largeRequests,
        preWarm,
        warmUp,
        measured,
        Optional.ofNullable(floorServers));
  }

  private void requireMockPort() {
    if (mockPort == 0) {
      throw new CommandLine.ParameterException(
          spec().commandLine(), "the gateway must know the mock's port: give --mock-port");
    }
  }

  private void progress(String what) {
    PrintWriter err = spec().commandLine().getErr();
    err.println(what);
    err.flush();
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("run this through picocli");
    }
    return spec;
  }
}
