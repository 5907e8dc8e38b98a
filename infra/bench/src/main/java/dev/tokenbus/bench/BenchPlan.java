package dev.tokenbus.bench;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What to measure.
 *
 * @param floor whether the three raw hops are measured
 * @param perSecond requests of the first-token scenario and records of the floor
 * @param streams concurrent streams
 * @param clients of answers that are not streamed
 * @param largeRequests of 9.9 MB, 16 at a time
 * @param preWarm time of busy load on the gateway before anything is measured
 * @param warmUp time at the beginning of every measurement that does not count
 * @param floorBootstrapServers the cluster for the floor; empty for a broker in this process
 */
record BenchPlan(
    boolean floor,
    List<Scenario> scenarios,
    double perSecond,
    int streams,
    int clients,
    int largeRequests,
    Duration preWarm,
    Duration warmUp,
    Duration measured,
    Optional<String> floorBootstrapServers) {

  BenchPlan {
    scenarios = List.copyOf(scenarios);
  }
}
