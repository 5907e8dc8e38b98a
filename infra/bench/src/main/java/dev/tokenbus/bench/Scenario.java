package dev.tokenbus.bench;

import dev.tokenbus.bench.load.Arrival;
import dev.tokenbus.bench.load.LoadPlan;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** The kinds of load; each has a model of its own at the mock and in the gateway's catalogue. */
enum Scenario {
  /** Open loop at a fixed rate; the time to the first token counts. */
  FIRST_TOKEN(16, "16x20ms"),
  /** Many concurrent streams; completeness and the gaps between tokens count. */
  STREAMS(64, "64x20ms"),
  /** Answers that are not streamed; the rate counts. */
  WHOLE(16, "16x0/answer-20ms"),
  /** Many streams that all begin at the same moment; the time to the first token counts. */
  BURST(64, "64x20ms"),
  /** More streams than one machine is meant for. */
  STREAMS_512(64, "64x20ms"),
  /** Requests of 9.9 MB beside small ones; the small ones' first token and the disk count. */
  LARGE_BODIES(16, "16x0/answer-20ms");

  /** What is measured unless the command line names others. */
  static final List<Scenario> USUAL = List.of(FIRST_TOKEN, STREAMS, WHOLE);

  static final int LARGE_CHARACTERS = 9_900_000;

  private static final int LARGE_AT_ONCE = 16;
  private static final int BURST_STREAMS = 300;
  private static final int MANY_STREAMS = 512;

  /** Shorter than an answer of a burst, so that each of its clients asks once. */
  private static final Duration ONE_ANSWER = Duration.ofSeconds(1);

  private static final Duration LONGEST_BATCH = Duration.ofMinutes(10);
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
          case BURST -> new Arrival.ClosedLoop(BURST_STREAMS, Duration.ZERO);
          case STREAMS_512 -> new Arrival.ClosedLoop(MANY_STREAMS, Duration.ofMillis(1280));
          case LARGE_BODIES -> new Arrival.Batch(LARGE_AT_ONCE, plan.largeRequests());
        };
    return switch (this) {
      case BURST -> load(base, model, arrival, Duration.ZERO, ONE_ANSWER);
      case LARGE_BODIES ->
          load(base, model, arrival, Duration.ZERO, LONGEST_BATCH)
              .withPromptCharacters(LARGE_CHARACTERS);
      case FIRST_TOKEN, STREAMS, WHOLE, STREAMS_512 ->
          load(base, model, arrival, plan.warmUp(), plan.measured());
    };
  }

  /** The small requests beside large ones; measured for as long as those run. */
  static LoadPlan beside(BenchPlan plan, URI base, String model) {
    return FIRST_TOKEN.load(
        base, model, new Arrival.OpenLoop(plan.perSecond()), plan.warmUp(), LONGEST_BATCH);
  }

  /** Busy load for the gateway's JVM to compile what is hot. */
  LoadPlan preWarm(URI base, Duration time) {
    Arrival arrival = new Arrival.ClosedLoop(PRE_WARM_CLIENTS, Duration.ZERO);
    return load(base, model(), arrival, Duration.ZERO, time);
  }

  private LoadPlan load(
      URI base, String model, Arrival arrival, Duration warmUp, Duration measured) {
    LoadPlan load = LoadPlan.streaming(base, model, tokens, arrival).withTimes(warmUp, measured);
    return this == WHOLE || this == LARGE_BODIES ? load.whole() : load;
  }
}
