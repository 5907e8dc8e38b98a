package dev.tokenbus.chaos.fault;

import java.util.Map;

/**
 * How many faults a run has injected.
 *
 * @param injected by kind; each has hit a process that ran
 * @param missed faults whose process did not run when they were due
 */
public record FaultCounts(Map<String, Integer> injected, int missed) {
  public FaultCounts {
    injected = Map.copyOf(injected);
  }

  /** How many have hit a process. */
  public int all() {
    return injected.values().stream().mapToInt(Integer::intValue).sum();
  }
}
