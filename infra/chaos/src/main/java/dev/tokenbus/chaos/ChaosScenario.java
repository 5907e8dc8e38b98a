package dev.tokenbus.chaos;

import dev.tokenbus.chaos.client.Requests;
import java.nio.file.Path;
import java.time.Duration;

/** What happens to the fleet of a chaos run, and what its clients request. */
public sealed interface ChaosScenario {
  /** What the clients request. */
  default Requests requests() {
    return Requests.MIXED;
  }

  /**
   * Faults of every kind, drawn from the seed.
   *
   * @param perMinute on average
   */
  record RandomFaults(double perMinute) implements ChaosScenario {
    public RandomFaults {
      if (!(perMinute >= 0 && perMinute <= 60)) {
        throw new IllegalArgumentException(
            "Between 0 and 60 faults a minute can be injected, not " + perMinute);
      }
    }
  }

  /**
   * A rolling upgrade from another version, with a kill after every step.
   *
   * @param launcher the script {@code tokenbus} of that version's checkout
   */
  record UpgradeFrom(Path launcher) implements ChaosScenario {}

  /**
   * Workers are killed in turn while clients stream without pause from a model that cannot be
   * prefilled and never says the same twice.
   *
   * @param distance between two kills; the first comes after half of it
   */
  record WorkerKills(int kills, Duration distance) implements ChaosScenario {
    public WorkerKills {
      if (kills < 1 || !distance.isPositive()) {
        throw new IllegalArgumentException("Kills need a number and a distance above 0");
      }
    }

    @Override
    public Requests requests() {
      return Requests.NEVER_THE_SAME;
    }
  }
}
