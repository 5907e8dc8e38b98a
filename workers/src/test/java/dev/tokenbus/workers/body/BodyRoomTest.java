package dev.tokenbus.workers.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class BodyRoomTest {
  private static final long LARGE = 10_000_000;
  private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");

  /** The heap is small, so there is room for two bodies on their way. */
  private final BodyRoom room = new BodyRoom(1, 8, InstantSource.system());

  private static BodyRoom.Share share(BodyRoom room) {
    return room.share(LARGE, Instant.now().plusSeconds(20));
  }

  private static CompletableFuture<Void> waiting(BodyRoom.Share share) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        share.await();
        done.complete(null);
      } catch (BodyException e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  private static void assertWaits(CompletableFuture<Void> waiting) {
    assertThatThrownBy(() -> waiting.get(100, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  @Test
  void aSmallBodyNeverWaits() throws Exception {
    for (int i = 0; i < 10_000; i++) {
      room.share(60_000, NOW).await();
    }
  }

  @Test
  void aThirdBodyWaitsUntilOneOfTwoHasBeenRead() throws Exception {
    BodyRoom wide = new BodyRoom(100 * LARGE, 8, InstantSource.system());
    BodyRoom.Share first = share(wide);
    first.await();
    share(wide).await();
    CompletableFuture<Void> third = waiting(share(wide));
    assertWaits(third);

    first.read();

    third.get(5, TimeUnit.SECONDS);
  }

  @Test
  void aBodyWaitsUntilOthersAreSent() throws Exception {
    BodyRoom.Share first = share(room);
    first.await();
    first.read();
    BodyRoom.Share second = share(room);
    second.await();
    second.read();
    CompletableFuture<Void> third = waiting(share(room));
    assertWaits(third);

    first.close();
    first.close();

    third.get(5, TimeUnit.SECONDS);
  }

  @Test
  void whatIsGivenUpWhileItWaitsLeavesNothingTaken() throws Exception {
    BodyRoom.Share first = share(room);
    first.await();
    BodyRoom.Share second = share(room);
    second.await();
    BodyRoom.Share given = share(room);
    CompletableFuture<Void> waits = waiting(given);
    given.close();
    first.read();
    first.close();
    waits.get(5, TimeUnit.SECONDS);

    share(room).await();
  }

  @Test
  void saysUnavailableAtTheDeadline() throws Exception {
    share(room).await();
    share(room).await();

    assertThatThrownBy(() -> room.share(LARGE, NOW).await())
        .isInstanceOfSatisfying(
            BodyException.class,
            problem -> assertThat(problem.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @Test
  void aBodyLargerThanTheWholeRoomGoesThroughAlone() throws Exception {
    room.share(500_000_000, Instant.now().plusSeconds(20)).await();
  }
}
