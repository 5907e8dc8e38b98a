package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.PoolState;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.store.StateKey;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What the topology does as time passes. */
class TimeTopologyTest extends RouterDriven {
  private static final Topic WORK_EAST = RouterDriver.WORK_EAST;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = RouterDriver.TICK;

  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);

  @Test
  void failsAtTheDeadline() {
    router.accept(request);

    router.pass(PATIENCE.plus(TICK));
    assertThat(router.replies())
        .extracting(reply -> reply.value().getAttempt())
        .containsExactly(0, 2);
    assertThat(router.controls()).extracting(TestRecord::key).containsExactly(id.toString());
    router.pass(Policy.DEFAULT.stopping());

    assertThat(router.outcomes().getFirst().value().getErrorCode()).isEqualTo("deadline_exceeded");
  }

  @Test
  void tellsTimeEvenWhenNoRecordComes() {
    router.accept(Samples.request(id, "gpt-nonesuch", PATIENCE));
    assertThat(router.outcomes()).isEmpty();

    router.pass(Duration.ofMillis(1_100));

    assertThat(router.outcomes().getFirst().value().getStatus()).isEqualTo(RequestStatus.REJECTED);
  }

  @Test
  void keepsNothingOfARequestWhoseTimeIsOver() {
    router.accept(request);
    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(work, 1));
    router.report(RouterDriver.succeeded(work, 1));
    assertThat(router.stored(StateKey.REQUESTS)).isEqualTo(1);

    router.pass(Duration.ofMinutes(4));

    assertThat(router.stored(StateKey.REQUESTS)).isZero();
    assertThat(router.stored(StateKey.DUE)).isZero();
  }

  @Test
  void holdsADayLongDeadlineInTheStoreAndKeepsIt() {
    Duration day = Duration.ofHours(24);
    router.accept(Samples.request(id, Samples.MODEL, day));
    router.report(RouterDriver.started(router.work(WORK_EAST).getFirst().value(), 1));
    router.pass(Duration.ofSeconds(11));
    assertThat(router.stored(StateKey.DUE)).isEqualTo(1);

    router.driver.advanceWallClockTime(day.minusSeconds(12));
    assertThat(router.controls()).isEmpty();
    router.driver.advanceWallClockTime(Duration.ofSeconds(2));

    assertThat(router.controls()).singleElement().matches(c -> c.key().equals(id.toString()));
    assertThat(router.stored(StateKey.DUE)).isZero();
  }

  @Test
  void findsDispatchesThatIdleWorkersHaveLeftAfterALongWaitInABusyQueue() {
    router.accept(request);
    router.work(WORK_EAST);
    router.pass(Duration.ofSeconds(20));
    assertThat(router.work(WORK_EAST)).isEmpty();

    router.cluster.pool = new PoolState(PoolState.Kind.IDLE, Samples.START);
    router.pass(Duration.ofSeconds(3));

    assertThat(router.work(WORK_EAST)).singleElement().matches(w -> w.value().getAttempt() == 2);
  }
}
