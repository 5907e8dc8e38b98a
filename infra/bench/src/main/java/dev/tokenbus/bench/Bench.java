package dev.tokenbus.bench;

import dev.tokenbus.bench.floor.FloorPlan;
import dev.tokenbus.bench.floor.RawFloor;
import dev.tokenbus.bench.load.LoadGenerator;
import dev.tokenbus.bench.load.LoadPlan;
import dev.tokenbus.bench.load.LoadResult;
import dev.tokenbus.bench.load.Percentiles;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.embedded.EmbeddedBroker;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The steps of one run, in the order of its methods; the figures collect what they find. */
final class Bench {
  private static final double BUSY_PER_SECOND = 500;

  private final BenchPlan plan;
  private final MockProvider mock;
  private final Figures figures;
  private final Consumer<String> progress;
  private final Map<Scenario, LoadResult> direct = new EnumMap<>(Scenario.class);
  private Optional<Percentiles> floor = Optional.empty();

  /**
   * Measures nothing yet.
   *
   * @param progress hears what is being done, as it begins
   */
  Bench(BenchPlan plan, MockProvider mock, Figures figures, Consumer<String> progress) {
    this.plan = plan;
    this.mock = mock;
    this.figures = figures;
    this.progress = progress;
  }

  void floor() throws InterruptedException {
    if (!plan.floor()) {
      return;
    }
    Optional<String> servers = plan.floorBootstrapServers();
    if (servers.isPresent()) {
      floor(servers.get());
    } else {
      try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
        floor(broker.bootstrapServers());
      }
    }
  }

  private void floor(String servers) throws InterruptedException {
    FloorPlan raw =
        FloorPlan.DEFAULT.withPerSecond(plan.perSecond()).withTimes(plan.warmUp(), plan.measured());
    CpuMeter meter = CpuMeter.start(Optional.empty());
    if (plan.preWarm().isPositive()) {
      progress.accept("raw floor, warming up");
      FloorPlan busy =
          raw.withPerSecond(BUSY_PER_SECOND).withTimes(Duration.ZERO, plan.preWarm().dividedBy(2));
      RawFloor.measure(servers, busy);
      RawFloor.measure(servers, busy.withShareGroup(true));
    }
    progress.accept("raw floor, assigned partitions");
    Percentiles times = RawFloor.measure(servers, raw);
    floor = Optional.of(times);
    figures.floor("three_hops", times);
    progress.accept("raw floor, second hop by a share group");
    figures.floor("with_share_group", RawFloor.measure(servers, raw.withShareGroup(true)));
    figures.others("floor", meter.stop());
  }

  void direct() throws InterruptedException {
    for (Scenario scenario : plan.scenarios()) {
      progress.accept(scenario.prefix() + ", direct");
      CpuMeter meter = CpuMeter.start(Optional.empty());
      LoadPlan load = scenario.load(plan, mock.baseUrl(), scenario.mockModel());
      if (scenario == Scenario.LARGE_BODIES) {
        figures.besideLargeBodies(
            "direct",
            LoadGenerator.runBeside(
                Scenario.beside(plan, mock.baseUrl(), Scenario.FIRST_TOKEN.mockModel()), load));
      } else {
        LoadResult result = LoadGenerator.run(load);
        direct.put(scenario, result);
        figures.direct(scenario, result);
      }
      figures.others(scenario.prefix() + ".direct", meter.stop());
    }
  }

  void preWarm(Gateway gateway) throws InterruptedException {
    List<Scenario> scenarios = preWarmed();
    for (Scenario scenario : scenarios) {
      Duration time = plan.preWarm().dividedBy(scenarios.size());
      if (time.isPositive()) {
        progress.accept(scenario.prefix() + ", warming up");
        LoadResult result = run(gateway, scenario.preWarm(gateway.base(), time));
        if (!result.allComplete()) {
          figures.note(scenario.prefix() + ", warming up: " + result.problems());
        }
      }
    }
  }

  /** Large bodies warm nothing that small ones do not. */
  private List<Scenario> preWarmed() {
    List<Scenario> small =
        plan.scenarios().stream().filter(scenario -> scenario != Scenario.LARGE_BODIES).toList();
    return small.isEmpty() ? List.of(Scenario.FIRST_TOKEN) : small;
  }

  private void throughWithLargeBodies(Gateway gateway, LoadPlan large) throws InterruptedException {
    Optional<BrokerDisk> disk = gateway.home().map(BrokerDisk::of);
    long before = disk.map(BrokerDisk::bytes).orElse(0L);
    LoadGenerator.Pair pair =
        LoadGenerator.runBeside(
            authorized(
                gateway, Scenario.beside(plan, gateway.base(), Scenario.FIRST_TOKEN.model())),
            authorized(gateway, large));
    figures.besideLargeBodies("through", pair);
    disk.ifPresent(
        broker -> figures.diskPerLargeBody(broker.bytes() - before, plan.largeRequests()));
  }

  void through(Gateway gateway) throws InterruptedException {
    for (Scenario scenario : plan.scenarios()) {
      progress.accept(scenario.prefix() + ", through the gateway");
      CpuMeter meter = CpuMeter.start(gateway.processes());
      LoadPlan load = scenario.load(plan, gateway.base(), scenario.model());
      CpuMeter.Use use;
      if (scenario == Scenario.LARGE_BODIES) {
        throughWithLargeBodies(gateway, load);
        use = meter.stop();
      } else {
        use = through(gateway, scenario, load, meter);
      }
      if (gateway.processes().isPresent()) {
        figures.others(scenario.prefix() + ".through", use);
      }
    }
  }

  private CpuMeter.Use through(Gateway gateway, Scenario scenario, LoadPlan load, CpuMeter meter)
      throws InterruptedException {
    long requestsBefore = mock.requestCount();
    LoadResult result = run(gateway, load);
    CpuMeter.Use use = meter.stop();
    figures.through(scenario, result);
    if (scenario == Scenario.FIRST_TOKEN && result.allComplete()) {
      added(result.firstToken());
    }
    long requests = mock.requestCount() - requestsBefore;
    if (requests > 0) {
      use.gateway().ifPresent(used -> figures.cpuPerRequest(scenario, used, requests));
    }
    return use;
  }

  private void added(Percentiles through) {
    Optional.ofNullable(direct.get(Scenario.FIRST_TOKEN))
        .map(LoadResult::firstToken)
        .ifPresent(base -> {
          figures.added(base, through);
          floor.ifPresent(raw -> figures.addedByFloor(base, through, raw));
        });
  }

  private static LoadResult run(Gateway gateway, LoadPlan load) throws InterruptedException {
    return LoadGenerator.run(authorized(gateway, load));
  }

  private static LoadPlan authorized(Gateway gateway, LoadPlan load) {
    return gateway.key().map(load::withApiKey).orElse(load);
  }
}
