package dev.tokenbus.runtime.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunningPartsTest {
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final RunningParts parts = new RunningParts(said::add, stopping::get);

  @Test
  void stopsInTheReverseOrderOfTheListWhicheverStartedFirst() {
    CountDownLatch secondRuns = new CountDownLatch(1);
    parts.start(
        List.of(
            new Part(
                "first",
                () -> {
                  await(secondRuns);
                  return running("first");
                }),
            new Part(
                "second",
                () -> {
                  secondRuns.countDown();
                  return running("second");
                })));
    parts.start(List.of(new Part("third", () -> running("third"))));

    parts.close();

    assertThat(stopped).containsExactly("third", "second", "first");
  }

  @Test
  void takesAsLongToStopAsThePartWithTheLongestStop() {
    assertThat(parts.stopLimit()).isEqualTo(Part.USUAL_STOP_LIMIT);

    parts.start(
        List.of(
            new Part("worker", () -> running("worker"), Duration.ofHours(1)),
            new Part("metering", () -> running("metering"), Duration.ofSeconds(1))));

    assertThat(parts.stopLimit()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void stopsWhatDidStartWhenAnotherFails() {
    assertThatThrownBy(() ->
            parts.start(
                List.of(
                    new Part("good", () -> running("good")),
                    new Part(
                        "bad",
                        () -> {
                          throw new IllegalStateException("no disk");
                        }))))
        .hasMessage("no disk");

    parts.close();

    assertThat(stopped).containsExactly("good");
  }

  @Test
  void stopsTheOthersWhenOneFailsToStop() {
    parts.adopt(running("first"));
    parts.adopt(
        new RunningPart(
            "second",
            "",
            () -> true,
            () -> {
              throw new IllegalStateException("stuck");
            }));

    parts.close();

    assertThat(stopped).containsExactly("first");
    assertThat(said).anyMatch(line -> line.contains("second") && line.contains("stuck"));
  }

  @Test
  void startsNothingMoreOnceItShallStop() {
    parts.start(List.of(new Part("first", () -> running("first"))));
    stopping.set(true);

    assertThatThrownBy(() -> parts.start(List.of(new Part("second", () -> running("second")))))
        .isInstanceOf(StartStoppedException.class);
  }

  @Test
  void namesThePartThatDoesNotBecomeReady() {
    parts.adopt(new RunningPart("router", "", () -> false, () -> {}));

    assertThatThrownBy(() -> parts.awaitHealthy(Duration.ofMillis(50)))
        .hasMessageContaining("router was not ready");
  }

  @Test
  void tellsOnceThatAPartHasStoppedWorkingAndOnceThatItWorksAgain() {
    AtomicBoolean healthy = new AtomicBoolean(true);
    try (HealthMonitor monitor =
        new HealthMonitor(
            List.of(new RunningPart("worker", "", healthy::get, () -> {})), said::add)) {
      monitor.check();
      healthy.set(false);
      for (int check = 0; check < 10; check++) {
        monitor.check();
      }
      healthy.set(true);
      monitor.check();
      monitor.check();
    }

    assertThat(said)
        .containsExactly("worker is not working; the log says why", "worker is working again");
  }

  @Test
  void takesAHealthCheckThatThrowsForUnhealthyAndGoesOn() {
    AtomicInteger asked = new AtomicInteger();
    try (HealthMonitor monitor =
        new HealthMonitor(
            List.of(
                new RunningPart(
                    "broken",
                    "",
                    () -> {
                      throw new IllegalStateException("gone");
                    },
                    () -> {}),
                new RunningPart("other", "", () -> asked.incrementAndGet() > 0, () -> {})),
            said::add)) {
      for (int check = 0; check < 3; check++) {
        monitor.check();
      }
    }

    assertThat(said).containsExactly("broken is not working; the log says why");
    assertThat(asked).hasValue(3);
  }

  private RunningPart running(String name) {
    return new RunningPart(name, "", () -> true, () -> stopped.add(name));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
