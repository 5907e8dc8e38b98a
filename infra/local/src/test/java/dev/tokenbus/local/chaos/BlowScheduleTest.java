package dev.tokenbus.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BlowScheduleTest {
  @Test
  void drawsTheSameFromTheSameSeedAndAnotherFromAnother() {
    assertThat(BlowSchedule.of(plan(10, 4, 7))).isEqualTo(BlowSchedule.of(plan(10, 4, 7)));
    assertThat(BlowSchedule.of(plan(10, 4, 7))).isNotEqualTo(BlowSchedule.of(plan(10, 4, 8)));
  }

  @Test
  void dealsAsManyAsAskedForInOrderAndWithinTheTime() {
    for (long seed = 0; seed < 200; seed++) {
      List<TimedBlow> blows = BlowSchedule.of(plan(5, 6, seed));

      assertThat(blows).hasSize(30).extracting(TimedBlow::after).isSorted();
      assertThat(blows.getFirst().after()).isPositive();
      assertThat(blows.getLast().after()).isLessThan(Duration.ofMinutes(5));
    }
  }

  @Test
  void killsEveryRoleInAnyTenMinutesOfTwentyBlows() {
    for (long seed = 0; seed < 200; seed++) {
      Set<Role> killed =
          BlowSchedule.of(plan(10, 2, seed)).stream()
              .map(TimedBlow::blow)
              .filter(Blow.Kill.class::isInstance)
              .map(blow -> ((Blow.Kill) blow).target().role())
              .collect(Collectors.toSet());

      assertThat(killed).containsExactlyInAnyOrder(Role.values());
    }
  }

  @Test
  void freezesForLongerThanSupervisionWaits() {
    assertThat(BlowSchedule.of(plan(10, 20, 1)))
        .extracting(TimedBlow::blow)
        .filteredOn(Blow.Freeze.class::isInstance)
        .isNotEmpty()
        .allSatisfy(
            blow -> assertThat(((Blow.Freeze) blow).length()).isGreaterThan(Duration.ofSeconds(3)));
  }

  @Test
  void dealsNoneWhenNoneIsWanted() {
    assertThat(BlowSchedule.of(plan(1, 0, 1))).isEmpty();
  }

  private static ChaosPlan plan(int minutes, double blows, long seed) {
    return new ChaosPlan(Duration.ofMinutes(minutes), seed, blows, 10, Path.of("home"));
  }
}
