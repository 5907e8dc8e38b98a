package dev.tokenbus.router.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.PoolState.Kind;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.avro.WorkerPool;
import dev.tokenbus.schemas.avro.WorkerState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerDirectoryTest {
  private static final Duration SILENCE = Duration.ofSeconds(3);
  private static final Duration SILENCE_BESIDE_OTHERS = Duration.ofSeconds(1);
  private static final Duration INTERVAL = Duration.ofMillis(250);

  private Instant now = Instant.parse("2026-11-21T10:00:00Z");
  private final WorkerDirectory directory =
      new WorkerDirectory(SILENCE, SILENCE_BESIDE_OTHERS, now);

  @Test
  void losesAWorkerThatIsSilentForLongerThanAllowed() {
    heard("one", 1, WorkerState.RUNNING, 5);
    pass(SILENCE);
    assertThat(directory.lost("one", 1, now)).isFalse();

    pass(Duration.ofMillis(100));

    assertThat(directory.lost("one", 1, now)).isTrue();
  }

  @Test
  void losesASilentWorkerSoonerWhileAnotherIsHeardSteadily() {
    heard("one", 1, WorkerState.RUNNING, 5);
    heard("two", 1, WorkerState.RUNNING, 5);
    passWhileHeard(SILENCE_BESIDE_OTHERS, "two", WorkerState.RUNNING);
    assertThat(directory.lost("one", 1, now)).isFalse();

    passWhileHeard(INTERVAL, "two", WorkerState.RUNNING);

    assertThat(directory.lost("one", 1, now)).isTrue();
    assertThat(directory.lost("two", 1, now)).isFalse();
  }

  @Test
  void waitsLongerWhereTheOthersHeartbeatsWereHeldUpToo() {
    heard("one", 1, WorkerState.RUNNING, 5);
    heard("two", 1, WorkerState.RUNNING, 5);
    pass(Duration.ofMillis(900));
    passWhileHeard(Duration.ofSeconds(1), "two", WorkerState.RUNNING);

    assertThat(directory.lost("one", 1, now)).isFalse();
  }

  @Test
  void waitsLongerWhereTheOnlyOtherHasFallenSilentToo() {
    heard("one", 1, WorkerState.RUNNING, 5);
    heard("two", 1, WorkerState.RUNNING, 5);
    pass(SILENCE);

    assertThat(directory.lost("one", 1, now)).isFalse();
    assertThat(directory.lost("two", 1, now)).isFalse();
  }

  @Test
  void waitsLongerWhereTheOnlyOtherTakesNoWork() {
    heard("one", 1, WorkerState.RUNNING, 5);
    heard("two", 1, WorkerState.DRAINING, 0);
    passWhileHeard(SILENCE, "two", WorkerState.DRAINING);

    assertThat(directory.lost("one", 1, now)).isFalse();
  }

  @Test
  void waitsLongerWhereTheOnlyOtherServesOtherProviders() {
    heard("one", 1, WorkerState.RUNNING, 5);
    Instant end = now.plus(SILENCE);
    while (now.isBefore(end)) {
      WorkerPool pool = new WorkerPool("west", Priority.INTERACTIVE, 10, 5, 0);
      directory.heard(
          new WorkerHeartbeat("two", 1L, now, WorkerState.RUNNING, List.of(pool), "", null), now);
      pass(INTERVAL);
    }

    assertThat(directory.lost("one", 1, now)).isFalse();
  }

  @Test
  void losesAWorkerAtOnceWhenItsNextLifeIsHeard() {
    heard("one", 1, WorkerState.RUNNING, 5);
    heard("one", 2, WorkerState.RUNNING, 5);

    assertThat(directory.lost("one", 1, now)).isTrue();
    assertThat(directory.lost("one", 2, now)).isFalse();
  }

  @Test
  void losesAWorkerAtOnceWhenItSaysThatItHasStopped() {
    heard("one", 1, WorkerState.STOPPED, 0);

    assertThat(directory.lost("one", 1, now)).isTrue();
  }

  @Test
  void keepsADrainingWorker() {
    heard("one", 1, WorkerState.DRAINING, 0);

    assertThat(directory.lost("one", 1, now)).isFalse();
    assertThat(kind()).isEqualTo(Kind.UNSERVED);
  }

  @Test
  void forgetsAWorkerThatWasNotHeardForLong() {
    heard("one", 1, WorkerState.RUNNING, 10);
    pass(Duration.ofMinutes(11));
    assertThat(directory.workers()).isZero();

    assertThat(directory.lost("one", 1, now)).isFalse();
    pass(Duration.ofSeconds(11));
    assertThat(directory.lost("one", 1, now)).isTrue();
  }

  @Test
  void ignoresAHeartbeatOfAnEarlierLife() {
    heard("one", 2, WorkerState.RUNNING, 5);
    heard("one", 1, WorkerState.STOPPED, 5);

    assertThat(directory.lost("one", 2, now)).isFalse();
  }

  @Test
  void losesNobodyWhileTheBrokerIsAway() {
    heard("one", 1, WorkerState.RUNNING, 5);

    now = now.plusSeconds(60);

    assertThat(directory.lost("one", 1, now)).isFalse();
    directory.reached(now);
    assertThat(directory.lost("one", 1, now)).isFalse();
    pass(SILENCE.plusMillis(100));
    assertThat(directory.lost("one", 1, now)).isTrue();
  }

  @Test
  void givesAWorkerThatHasNotBeenHeardYetTimeToShowUp() {
    assertThat(directory.lost("new", 1, now)).isFalse();
    pass(Duration.ofSeconds(5));
    assertThat(directory.lost("new", 1, now)).isFalse();

    pass(Duration.ofSeconds(6));

    assertThat(directory.lost("new", 1, now)).isTrue();
  }

  @Test
  void tellsIdlePoolsFromBusyOnesAndThoseNobodyServes() {
    assertThat(kind()).isEqualTo(Kind.UNSERVED);
    heard("one", 1, WorkerState.RUNNING, 10);
    assertThat(kind()).isEqualTo(Kind.IDLE);
    heard("one", 1, WorkerState.RUNNING, 5);
    assertThat(kind()).isEqualTo(Kind.BUSY);
    heard("two", 1, WorkerState.RUNNING, 10);
    assertThat(kind()).isEqualTo(Kind.IDLE);
    assertThat(directory.pool("elsewhere", Priority.INTERACTIVE, now).kind())
        .isEqualTo(Kind.UNSERVED);
  }

  @Test
  void remembersSinceWhenAPoolIsWhatItIs() {
    heard("one", 1, WorkerState.RUNNING, 10);
    Instant idleSince = now;
    pass(Duration.ofSeconds(1));
    heard("one", 1, WorkerState.RUNNING, 10);
    assertThat(directory.pool("east", Priority.INTERACTIVE, now).since()).isEqualTo(idleSince);

    heard("one", 1, WorkerState.RUNNING, 0);
    heard("one", 1, WorkerState.RUNNING, 10);

    assertThat(directory.pool("east", Priority.INTERACTIVE, now).since()).isEqualTo(now);
  }

  private Kind kind() {
    return directory.pool("east", Priority.INTERACTIVE, now).kind();
  }

  /** Time passes while the broker answers. */
  private void pass(Duration time) {
    Instant end = now.plus(time);
    while (now.isBefore(end)) {
      now = now.plusMillis(50);
      directory.reached(now);
    }
  }

  /** Time passes while a worker is heard as often as it should be. */
  private void passWhileHeard(Duration time, String worker, WorkerState state) {
    Instant end = now.plus(time);
    while (now.isBefore(end)) {
      pass(INTERVAL);
      heard(worker, 1, state, 5);
    }
  }

  private void heard(String worker, long epoch, WorkerState state, int free) {
    directory.heard(Samples.heartbeat(worker, epoch, now, state, 10, free), now);
  }
}
