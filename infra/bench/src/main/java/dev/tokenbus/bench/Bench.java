package dev.tokenbus.bench;

import dev.tokenbus.bench.floor.FloorPlan;
import dev.tokenbus.bench.floor.RawFloor;
import dev.tokenbus.bench.load.LoadGenerator;
import dev.tokenbus.bench.load.LoadPlan;
import dev.tokenbus.bench.load.LoadResult;
import dev.tokenbus.bench.load.Percentiles;
import dev.tokenbus.bench.provider.MockProvider;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The steps of one run, in the order of its methods; the figures collect what they find. */
final class Bench {
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
    FloorPlan raw =
        FloorPlan.DEFAULT.withPerSecond(plan.perSecond()).withTimes(plan.warmUp(), plan.measured());
    progress.accept("raw floor, assigned partitions");
    Percentiles times = floor(raw);
    floor = Optional.of(times);
    figures.floor("three_hops", times);
    progress.accept("raw floor, second hop by a share group");
    figures.floor("with_share_group", floor(raw.withShareGroup(true)));
  }

  private Percentiles floor(FloorPlan raw) throws InterruptedException {
    Optional<String> servers = plan.floorBootstrapServers();
    return servers.isPresent() ? RawFloor.measure(servers.get(), raw) : RawFloor.measure(raw);
  }

  void direct() throws InterruptedException {
    for (Scenario scenario : plan.scenarios()) {
      progress.accept(scenario.prefix() + ", direct");
      LoadResult result =
          LoadGenerator.run(scenario.load(plan, mock.baseUrl(), scenario.mockModel()));
      direct.put(scenario, result);
      figures.direct(scenario, result);
    }
  }

  void preWarm(Gateway gateway) throws InterruptedException {
    for (Scenario scenario : plan.scenarios()) {
      Duration time = plan.preWarm().dividedBy(plan.scenarios().size());
      if (time.isPositive()) {
        progress.accept(scenario.prefix() + ", warming up");
        LoadResult result = run(gateway, scenario.preWarm(gateway.base(), time));
        if (!result.allComplete()) {
          figures.note(scenario.prefix() + ", warming up: " + result.problems());
        }
      }
    }
  }

  void through(Gateway gateway) throws InterruptedException {
    for (Scenario scenario : plan.scenarios()) {
      progress.accept(scenario.prefix() + ", through the gateway");
      long requestsBefore = mock.requestCount();
      Optional<Duration> cpuBefore = cpu(gateway);
      LoadResult result = run(gateway, scenario.load(plan, gateway.base(), scenario.model()));
      Optional<Duration> cpuAfter = cpu(gateway);
      figures.through(scenario, result);
      if (scenario == Scenario.FIRST_TOKEN) {
        added(result.firstToken());
      }
      long requests = mock.requestCount() - requestsBefore;
      if (requests > 0) {
        cpuAfter
            .flatMap(after -> cpuBefore.map(after::minus))
            .ifPresent(used -> figures.cpu(scenario, used, requests));
      }
    }
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
    return LoadGenerator.run(gateway.key().map(load::withApiKey).orElse(load));
  }

  private static Optional<Duration> cpu(Gateway gateway) {
    return gateway.processes().map(tree -> tree.usage().cpu());
  }
}
