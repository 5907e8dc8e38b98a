package dev.tokenbus.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.chaos.fleet.Role;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
  @Test
  void drawsTheSameFaultsFromTheSameSeedAndOthersFromAnother() {
    assertThat(draw(10, 4, 7)).isEqualTo(draw(10, 4, 7));
    assertThat(draw(10, 4, 7)).isNotEqualTo(draw(10, 4, 8));
  }

  @Test
  void drawsTheRequestedNumberInOrderAndWithinTheRun() {
    for (long seed = 0; seed < 200; seed++) {
      List<TimedFault> faults = draw(5, 6, seed);

      assertThat(faults).hasSize(30).extracting(TimedFault::after).isSorted();
      assertThat(faults.getFirst().after()).isPositive();
      assertThat(faults.getLast().after()).isLessThan(Duration.ofMinutes(5));
    }
  }

  @Test
  void killsEveryRoleInAnyTenMinutesOfTwentyFaults() {
    for (long seed = 0; seed < 200; seed++) {
      Set<Role> killed =
          draw(10, 2, seed).stream()
              .map(TimedFault::fault)
              .filter(Fault.Kill.class::isInstance)
              .map(fault -> ((Fault.Kill) fault).target().role())
              .collect(Collectors.toSet());

      assertThat(killed)
          .containsExactlyInAnyOrder(
              Role.INFRA, Role.INGRESS, Role.ROUTER, Role.WORKER, Role.PROJECTIONS);
    }
  }

  @Test
  void freezesForLongerThanSupervisionWaits() {
    assertThat(draw(10, 20, 1))
        .extracting(TimedFault::fault)
        .filteredOn(Fault.Freeze.class::isInstance)
        .isNotEmpty()
        .allSatisfy(fault ->
            assertThat(((Fault.Freeze) fault).length()).isGreaterThan(Duration.ofSeconds(3)));
  }

  @Test
  void drawsNoneIfNoneIsRequested() {
    assertThat(draw(1, 0, 1)).isEmpty();
  }

  @Test
  void killsWorkersInTurnInTheMiddleOfStreamsThatTakeAsLongAsTheDistance() {
    assertThat(FaultSchedule.killsOfWorkers(3, Duration.ofSeconds(60)))
        .extracting(timed -> timed.after().toSeconds() + " " + timed.fault().kind())
        .containsExactly("30 kill worker", "90 kill worker", "150 kill worker");
    assertThat(FaultSchedule.killsOfWorkers(3, Duration.ofSeconds(60)))
        .extracting(timed -> ((Fault.Kill) timed.fault()).target().number())
        .containsExactly(2, 1, 2);
  }

  @Test
  void killsEveryRoleOnceInAnUpgradeAndMeteringNotBeforeItIsThere() {
    for (long seed = 0; seed < 200; seed++) {
      List<Role> killed =
          FaultSchedule.killsOfUpgrade(new Random(seed)).stream()
              .map(fault -> ((Fault.Kill) fault).target().role())
              .toList();

      assertThat(killed)
          .containsExactlyInAnyOrder(
              Role.PROJECTIONS, Role.METERING, Role.INGRESS, Role.WORKER, Role.ROUTER);
      assertThat(killed.getFirst()).isNotEqualTo(Role.METERING);
    }
  }

  private static List<TimedFault> draw(int minutes, double perMinute, long seed) {
    return FaultSchedule.draw(Duration.ofMinutes(minutes), perMinute, seed);
  }
}
