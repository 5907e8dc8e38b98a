package dev.tokenbus.bench;

import dev.tokenbus.bench.load.Arrival;
import dev.tokenbus.bench.load.LoadPlan;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;

/** The kinds of load; each has a model of its own at the mock and in the gateway's catalogue. */
enum Scenario {
  /** Open loop at a fixed rate; the time to the first token counts. */
  FIRST_TOKEN(16, "16x20ms"),
  /** Many concurrent streams; completeness and the gaps between tokens count. */
  STREAMS(64, "64x20ms"),
  /** Answers that are not streamed; the rate counts. */
  WHOLE(16, "16x0/answer-20ms");

  private static final int PRE_WARM_CLIENTS = 32;

  private final int tokens;
  private final String behaviour;

  Scenario(int tokens, String behaviour) {
    this.tokens = tokens;
    this.behaviour = behaviour;
  }

  /** First part of its figures' names. */
  String prefix() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What clients of the gateway ask for. */
  String model() {
    return "bench-" + prefix().replace('_', '-');
  }

  /** What the gateway, or a direct call, asks the mock for. */
  String mockModel() {
    return "mock/" + behaviour;
  }

  LoadPlan load(BenchPlan plan, URI base, String model) {
    Arrival arrival =
        switch (this) {
          case FIRST_TOKEN -> new Arrival.OpenLoop(plan.perSecond());
          case STREAMS -> new Arrival.ClosedLoop(plan.streams(), Duration.ofMillis(1280));
          case WHOLE -> new Arrival.ClosedLoop(plan.clients(), Duration.ZERO);
        };
    return load(base, model, arrival, plan.warmUp(), plan.measured());
  }

  /** Busy load for the gateway's JVM to compile what is hot. */
  LoadPlan preWarm(URI base, Duration time) {
    Arrival arrival = new Arrival.ClosedLoop(PRE_WARM_CLIENTS, Duration.ZERO);
    return load(base, model(), arrival, Duration.ZERO, time);
  }

  private LoadPlan load(
      URI base, String model, Arrival arrival, Duration warmUp, Duration measured) {
    LoadPlan load = LoadPlan.streaming(base, model, tokens, arrival).withTimes(warmUp, measured);
    return this == WHOLE ? load.whole() : load;
  }
}
