package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.store.OldState;
import dev.tokenbus.router.store.StateKey;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** Requests under an idempotency key, through the topology. */
class IdempotencyTopologyTest extends RouterDriven {
  private static final Topic WORK_EAST = RouterDriver.WORK_EAST;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = RouterDriver.TICK;
  private static final IdempotencyKey KEY = new IdempotencyKey(Samples.TENANT, "once");

  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);

  @Test
  void answersARepeatUnderAnIdempotencyKeyWithTheAnswerOfTheFirst() {
    router.accept(Samples.underKey(request, "once", 0));
    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();
    RequestId repeat = Samples.id(6, Samples.START);
    router.accept(Samples.underKey(Samples.request(repeat, Samples.MODEL, PATIENCE), "once", 0));
    router.report(RouterDriver.started(work, 1));
    router.report(RouterDriver.succeeded(work, 1));
    RequestId late = Samples.id(7, Samples.START);
    router.accept(Samples.underKey(Samples.request(late, Samples.MODEL, PATIENCE), "once", 0));
    RequestId other = Samples.id(8, Samples.START);
    router.accept(Samples.underKey(Samples.request(other, Samples.MODEL, PATIENCE), "twice", 0));

    assertThat(router.work(WORK_EAST))
        .extracting(record -> record.value().getRequestId())
        .containsExactly(other.toString());
    assertThat(router.replies())
        .extracting(TestRecord::value)
        .filteredOn(reply -> reply.getEvent() instanceof Attached)
        .allMatch(reply -> ((Attached) reply.getEvent()).getRequestId().equals(id.toString()))
        .extracting(Reply::getRequestId)
        .containsExactly(repeat.toString(), late.toString());
    assertThat(router.outcomes())
        .extracting(record -> record.value().getErrorCode())
        .containsExactly("idempotent_repeat", null, "idempotent_repeat");
  }

  @Test
  void keepsAKeyForADayAndNoLonger() {
    router.accept(Samples.underKey(request, "once", 0));
    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(work, 1));
    router.report(RouterDriver.succeeded(work, 1));
    Duration day = Policy.DEFAULT.idempotency();

    router.driver.advanceWallClockTime(day.minus(TICK));
    assertThat(router.stored(StateKey.IDEMPOTENCY)).isEqualTo(1);
    router.driver.advanceWallClockTime(TICK);

    assertThat(router.stored(StateKey.IDEMPOTENCY)).isZero();
  }

  @Test
  void removesManyKeysAtOnceWhenTheyHaveExpired() {
    IntStream.range(0, 300)
        .forEach(number -> router.accept(Samples.underKey(next(number), "key-" + number, 0)));
    router
        .work(WORK_EAST)
        .forEach(work -> {
          router.report(RouterDriver.started(work.value(), 1));
          router.report(RouterDriver.succeeded(work.value(), 1));
        });
    assertThat(router.stored(StateKey.IDEMPOTENCY)).isEqualTo(300);
    assertThat(router.stored(StateKey.IDEMPOTENCY_DUE)).isEqualTo(300);

    router.driver.advanceWallClockTime(Policy.DEFAULT.idempotency());

    assertThat(router.stored(StateKey.IDEMPOTENCY)).isZero();
    assertThat(router.stored(StateKey.IDEMPOTENCY_DUE)).isZero();
  }

  @Test
  void keepsAKeyThatALaterRequestHasTakenWhenItsFirstOwnersTimeIsOver() {
    Duration day = Policy.DEFAULT.idempotency();
    router.accept(Samples.underKey(request, "once", 0));
    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(work, 1));
    router.report(RouterDriver.succeeded(work, 1));
    router.pass(TICK);
    KeyValueStore<Bytes, byte[]> store = router.driver.getKeyValueStore(RouterTopology.STORE);
    Bytes key = new StateKey.OfIdempotency(KEY).encoded();
    RequestId later = Samples.id(6, Samples.START);
    IdempotencyEntry owner =
        new IdempotencyEntry(later, 7, "010200", Samples.START.plus(day).plus(day));
    store.put(key, OldState.value(owner));

    router.driver.advanceWallClockTime(day);

    assertThat(store.get(key)).isNotNull();
    assertThat(router.stored(StateKey.IDEMPOTENCY_DUE)).isZero();
  }

  @Test
  void removesAKeyForWhichAnEarlierVersionHasNotNotedWhenItExpires() {
    KeyValueStore<Bytes, byte[]> store = router.driver.getKeyValueStore(RouterTopology.STORE);
    IdempotencyEntry owner = new IdempotencyEntry(id, 0, "010200", Samples.START.plus(TICK));
    store.put(Bytes.wrap(OldState.newKey(KEY)), OldState.value(owner));

    router.pass(TICK.multipliedBy(2));

    assertThat(router.stored(StateKey.IDEMPOTENCY)).isZero();
  }

  private static RequestAccepted next(int number) {
    return Samples.request(Samples.id(100 + number, Samples.START), Samples.MODEL, PATIENCE);
  }
}
