package dev.tokenbus.router.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.runtime.kafka.Backoff;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeferredStreamsTest {
  private static final Backoff SHORT = new Backoff(Duration.ofMillis(10), Duration.ofMillis(20));
  private static final Backoff LONG = new Backoff(Duration.ofHours(1), Duration.ofHours(1));

  private final FakeStreams streams = new FakeStreams();
  private final AtomicInteger conditions = new AtomicInteger();
  private final AtomicInteger starts = new AtomicInteger();

  @Test
  void triesAgainUntilTheApplicationStartsAndIsNotReadyMeanwhile() {
    try (DeferredStreams deferred =
        DeferredStreams.start(conditions::incrementAndGet, () -> startAfter(3), SHORT)) {
      await().until(deferred::ready);

      assertThat(starts).hasValue(4);
      assertThat(conditions).hasValue(4);
    }
    assertThat(streams.closed).isTrue();
  }

  @Test
  void triesAgainWhenItsConditionFails() {
    DeferredStreams.Condition failing =
        () -> {
          if (conditions.incrementAndGet() < 3) {
            throw new IllegalStateException("the broker is away");
          }
        };
    try (DeferredStreams deferred = DeferredStreams.start(failing, () -> startAfter(0), SHORT)) {
      await().until(deferred::ready);
    }
    assertThat(starts).hasValue(1);
  }

  @Test
  void isNotReadyWhileItWaitsForTheNextTryAndClosesAtOnce() {
    DeferredStreams deferred =
        DeferredStreams.start(conditions::incrementAndGet, () -> startAfter(1), LONG);
    await().until(() -> starts.get() == 1);

    assertThat(deferred.ready()).isFalse();
    deferred.close();

    assertThat(starts).hasValue(1);
    assertThat(streams.closed).isFalse();
  }

  @Test
  void closesBeforeItsConditionHolds() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    DeferredStreams deferred = DeferredStreams.start(never::await, () -> startAfter(0), SHORT);

    deferred.close();

    assertThat(starts).hasValue(0);
  }

  private FakeStreams startAfter(int failures) {
    if (starts.incrementAndGet() <= failures) {
      throw new IllegalStateException("the state directory is locked");
    }
    return streams;
  }

  private static final class FakeStreams implements RunningStreams {
    private volatile boolean closed;

    @Override
    public boolean ready() {
      return !closed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
