package dev.tokenbus.bench.floor;

import java.time.Duration;

/**
 * One measurement of the floor.
 *
 * @param perSecond records a second, each at random in its own slot
 * @param valueBytes size of a record's value
 * @param shareGroup whether the second hop reads by a share group (KIP-932), as the workers do, in
 *     place of an assigned partition
 * @param warmUp time at the beginning that is not measured
 */
public record FloorPlan(
    double perSecond, int valueBytes, boolean shareGroup, Duration warmUp, Duration measured) {
  /** 50 records of 500 bytes a second over assigned partitions, 10 s of warm-up, 30 s measured. */
  public static final FloorPlan DEFAULT =
      new FloorPlan(50, 500, false, Duration.ofSeconds(10), Duration.ofSeconds(30));

  public FloorPlan {
    if (!(perSecond > 0 && perSecond <= 10_000)) {
      throw new IllegalArgumentException("perSecond must be above 0 and at most 10000");
    }
    if (valueBytes < Integer.BYTES) {
      throw new IllegalArgumentException("valueBytes must be " + Integer.BYTES + " or more");
    }
    if (warmUp.isNegative() || !measured.isPositive()) {
      throw new IllegalArgumentException("warmUp must not be negative, measured be positive");
    }
  }

  public FloorPlan withShareGroup(boolean value) {
    return new FloorPlan(perSecond, valueBytes, value, warmUp, measured);
  }

  public FloorPlan withTimes(Duration warmUpTime, Duration measuredTime) {
    return new FloorPlan(perSecond, valueBytes, shareGroup, warmUpTime, measuredTime);
  }

  public FloorPlan withPerSecond(double value) {
    return new FloorPlan(value, valueBytes, shareGroup, warmUp, measured);
  }

  int records() {
    return (int) Math.round(perSecond * (warmUp.toNanos() + measured.toNanos()) / 1e9);
  }
}
