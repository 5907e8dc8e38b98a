package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every order of events, tried with many random ones. Failures name the seed. */
class LifecycleLawsTest {
  private static final int LIVES = 1_500;
  private static final int EVENTS = 40;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyRequestEndsOnceWithOneOutcomeAndOneLastWord(long seed) {
    for (int number = 0; number < LIVES; number++) {
      RandomLife life = new RandomLife(new SplittableRandom(seed * 1_000_003 + number));
      life.runToItsEnd();

      String name = "seed " + seed + ", life " + number + ": " + life.story;
      assertThat(life.outcomes()).as("outcomes of %s", name).hasSize(1);
      assertThat(life.finalReplies()).as("last words of %s", name).hasSizeLessThanOrEqualTo(1);
      assertThat(life.dispatchesAfterTheEnd).as("dispatches of %s", name).isZero();
      assertThat(life.attemptNumbers()).as("attempts of %s", name).isSorted();
      assertThat(life.attemptNumbers().size())
          .as("attempts of %s", name)
          // Each attempt may be declined once, too late for its predecessor to go on.
          .isLessThanOrEqualTo(2 * (Policy.DEFAULT.maxAttempts() + Policy.DEFAULT.maxLosses()));
    }
  }

  /**
   * A process dies when the new state is durable and nothing that it said is. The same event comes
   * again, or the state is taken over: everything is said after all.
   */
  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void nothingIsLostWhenTheProcessDiesBetweenStateAndEffects(long seed) {
    for (int number = 0; number < LIVES; number++) {
      RandomLife life = new RandomLife(new SplittableRandom(seed * 1_000_003 + number));
      life.crashing = true;
      life.runToItsEnd();

      String name = "seed " + seed + ", life " + number + ": " + life.story;
      assertThat(life.outcomes()).as("outcomes of %s", name).hasSize(1);
      assertThat(life.lostDispatches).as("lost dispatches of %s", name).isEmpty();
    }
  }

  private static final class RandomLife {
    private final SplittableRandom random;
    private final Life life;
    private final List<AttemptEvent> history = new ArrayList<>();
    private final List<Attempt> dispatched = new ArrayList<>();
    final List<String> story = new ArrayList<>();
    final List<Attempt> lostDispatches = new ArrayList<>();
    boolean crashing;
    int dispatchesAfterTheEnd;

    RandomLife(SplittableRandom random) {
      this.random = random;
      life =
          new Life(
              random.nextBoolean() ? Samples.MODEL : Samples.SINGLE,
              random.nextBoolean() ? Policy.DEFAULT : Life.ENDING_STREAMS);
      life.finalReply =
          switch (random.nextInt(3)) {
            case 0 -> null; // the log cannot be read
            case 1 -> new FinalReply.NoAnswer(null);
            default ->
                new FinalReply.Answer(
                    1, 1, "east", "big", Samples.usage(1, 2), null, "stop", 9, Samples.START);
          };
    }

    void runToItsEnd() {
      happen("accept", () -> life.accept());
      for (int i = 0; i < EVENTS; i++) {
        randomEvent();
      }
      int patience = 10_000;
      while (!(life.state == null || life.state instanceof Ended)) {
        assertThat(patience--).as("steps of %s", story).isPositive();
        happen("time", () -> life.advance(Duration.ofMillis(500)));
      }
      // Stragglers after the end change nothing any more.
      for (int i = 0; i < EVENTS / 4; i++) {
        randomEvent();
      }
    }

    Set<RequestFinished> outcomes() {
      Set<RequestFinished> outcomes = new HashSet<>();
      Life.only(life.effects, Effect.PublishOutcome.class).forEach(c -> outcomes.add(c.finished()));
      return outcomes;
    }

    Set<Reply> finalReplies() {
      Set<Reply> words = new HashSet<>();
      for (Effect.SendReply send : Life.only(life.effects, Effect.SendReply.class)) {
        Object event = send.reply().getEvent();
        if (event instanceof Failed || event instanceof Rejected) {
          words.add(send.reply());
        }
      }
      return words;
    }

    List<Integer> attemptNumbers() {
      return dispatched.stream().map(Attempt::number).distinct().toList();
    }

    private void randomEvent() {
      switch (random.nextInt(16)) {
        case 0 -> happen("accept", () -> life.accept());
        case 1, 2, 3 -> report(start());
        case 4, 5 -> report(finish());
        case 6 -> repeat();
        case 7 -> happen("time", () -> life.advance(Duration.ofMillis(random.nextInt(1, 4_000))));
        case 8 -> happen("time", () -> life.advance(Duration.ofMillis(10)));
        case 9 -> changeWorkers();
        case 10 -> changePool();
        case 11 -> happen("resume", () -> life.state == null ? List.of() : life.resume());
        case 12 -> report(decline());
        case 13 -> {
          if (life.state != null && random.nextInt(4) == 0) {
            happen("cancel", () -> life.cancel(CancelReason.CLIENT_GONE));
          }
        }
        default -> happen("time", () -> life.advance(Duration.ofMillis(100)));
      }
    }

    private void happen(String what, Supplier<List<Effect>> event) {
      boolean ended = saidItsLastWord();
      int before = life.effects.size();
      List<Effect> effects = event.get();
      if (crashing && !what.equals("again") && !effects.isEmpty() && random.nextInt(3) == 0) {
        life.effects.subList(before, life.effects.size()).clear();
        story.add(what + " and crash");
        comeBack(what, effects, event);
        return;
      }
      story.add(what + " -> " + (life.state == null ? "-" : life.state.getClass().getSimpleName()));
      note(effects, ended);
    }

    /** After a crash, records are processed again, and what time did is made up for. */
    private void comeBack(String what, List<Effect> lost, Supplier<List<Effect>> event) {
      List<Effect> all = new ArrayList<>();
      if (what.equals("accept") || what.equals("report")) {
        all.addAll(event.get());
      }
      if (life.state != null) {
        all.addAll(life.resume());
      }
      note(all, false);
      for (Effect.Dispatch dispatch : Life.only(lost, Effect.Dispatch.class)) {
        boolean made =
            Life.only(all, Effect.Dispatch.class).stream()
                .anyMatch(d -> d.attempt().number() >= dispatch.attempt().number());
        if (!made && !saidItsLastWord()) {
          lostDispatches.add(dispatch.attempt());
        }
      }
    }

    private boolean saidItsLastWord() {
      return life.state instanceof Closing || life.state instanceof Ended;
    }

    private void note(List<Effect> effects, boolean ended) {
      for (Effect.Dispatch dispatch : Life.only(effects, Effect.Dispatch.class)) {
        dispatched.add(dispatch.attempt());
        if (ended) {
          dispatchesAfterTheEnd++;
        }
      }
    }

    /** A worker that was to take over sees that its predecessor still writes. */
    private @Nullable AttemptEvent decline() {
      Predecessor predecessor =
          switch (life.state) {
            case Dispatched dispatched -> dispatched.predecessor();
            case Streaming streaming -> streaming.predecessor();
            case null, default -> null;
          };
      return predecessor == null
          ? null
          : Samples.event(
              life.id,
              life.attempt(),
              life.state instanceof Streaming streaming
                  ? streaming.run().claim()
                  : random.nextLong(100),
              Samples.WORKER,
              life.now,
              new AttemptDeclined(predecessor.attempt().number(), predecessor.run().claim()));
    }

    private void report(@Nullable AttemptEvent event) {
      if (event != null) {
        history.add(event);
        happen("report", () -> life.report(event));
      }
    }

    private void repeat() {
      if (!history.isEmpty()) {
        AttemptEvent event = pick(history);
        happen("report", () -> life.report(event));
      }
    }

    private @Nullable AttemptEvent start() {
      if (dispatched.isEmpty()) {
        return null;
      }
      Attempt attempt = pick(dispatched);
      return Samples.started(life.id, attempt, random.nextInt(1, 4), worker(), life.now);
    }

    private @Nullable AttemptEvent finish() {
      if (history.isEmpty()) {
        return null;
      }
      AttemptEvent started = pick(history);
      AttemptOutcome outcome = pick(List.of(AttemptOutcome.values()));
      ErrorCode code =
          outcome == AttemptOutcome.SUCCEEDED ? null : pick(List.of(ErrorCode.values()));
      Attempt attempt =
          new Attempt(started.getAttempt(), started.getProvider(), started.getModel(), "big");
      Instant at = life.now;
      return Samples.event(
          life.id,
          attempt,
          started.getClaim(),
          started.getWorkerId(),
          at,
          Samples.finished(
              outcome,
              code,
              random.nextBoolean(),
              random.nextBoolean() ? Samples.usage(1, random.nextInt(9)) : null));
    }

    private void changeWorkers() {
      life.cluster.lostWorkers.clear();
      if (random.nextBoolean()) {
        life.cluster.lostWorkers.add(worker());
      }
    }

    private void changePool() {
      PoolState.Kind kind = pick(List.of(PoolState.Kind.values()));
      life.cluster.pool = new PoolState(kind, life.now);
    }

    private <T> T pick(List<T> from) {
      return from.get(random.nextInt(from.size()));
    }

    private String worker() {
      return "worker-" + random.nextInt(1, 4);
    }

    @Override
    public String toString() {
      return life.state instanceof Live live ? live.request().toString() : story.toString();
    }
  }
}
