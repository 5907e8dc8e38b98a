package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever becomes of workers and their reports: a client that has seen a complete answer is in the
 * outcome as COMPLETED, and no other is. Dispatches are delivered twice, workers, router and client
 * share a log; orders come late, reports come late or never. Failures name the seed.
 */
class ClientAndUsageAgreeTest {
  private static final int STORIES = 3_000;

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, false", "4, false"})
  void theOutcomeIsWhatTheClientSaw(long seed, boolean continueStreams) {
    Map<RequestStatus, Integer> ends = new EnumMap<>(RequestStatus.class);
    int overruled = 0;
    for (int number = 0; number < STORIES; number++) {
      Story story =
          new Story(
              new SplittableRandom(seed * 1_000_003 + number),
              continueStreams ? Policy.DEFAULT : Life.ENDING_STREAMS);
      story.run();
      String name = "seed " + seed + ", story " + number + ": " + story.told;

      Reply last = story.last();
      RequestStatus status = story.life.outcome().getStatus();
      assertThat(status == RequestStatus.COMPLETED)
          .as("outcome %s after %s in %s", status, last, name)
          .isEqualTo(last != null && last.getEvent() instanceof Completed);
      if (status == RequestStatus.COMPLETED) {
        assertThat(story.life.outcome().getBilled().getUsage())
            .as(name)
            .isEqualTo(((Completed) Objects.requireNonNull(last).getEvent()).getUsage());
      }
      ends.merge(status, 1, Integer::sum);
      overruled += story.wasClosing && status == RequestStatus.COMPLETED ? 1 : 0;
    }
    // The stories are worth something only if they tell of all that can happen.
    assertThat(ends.get(RequestStatus.COMPLETED)).isGreaterThan(200);
    assertThat(ends.get(RequestStatus.FAILED)).isGreaterThan(50);
    assertThat(overruled).isGreaterThan(20);
  }

  private static final class Story {
    private final SplittableRandom random;
    final Life life;
    private final List<Reply> log = new ArrayList<>();
    private final List<AttemptEvent> reports = new ArrayList<>();
    private final List<Attempt> queued = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    boolean wasClosing;

    Story(SplittableRandom random, Policy policy) {
      this.random = random;
      life = new Life(Samples.SINGLE, policy);
      life.finalReply = null;
    }

    void run() {
      router("accept", life.accept());
      for (int i = 0; i < 2_000 && life.state instanceof Live; i++) {
        if (!reports.isEmpty() && random.nextInt(4) == 0) {
          AttemptEvent report = reports.removeFirst();
          router(report.getEvent().getClass().getSimpleName(), life.report(report));
        } else if (!queued.isEmpty() && random.nextInt(3) == 0) {
          workers.add(new Worker(queued.removeFirst(), "worker-" + (workers.size() + 1)));
        } else if (!workers.isEmpty() && random.nextInt(3) > 0) {
          workers.get(random.nextInt(workers.size())).step();
        } else {
          router("time", life.advance(Duration.ofMillis(random.nextInt(1, 4_000))));
        }
      }
      assertThat(life.state).as("%s", told).isInstanceOf(Ended.class);
      // Half-dead workers write on.
      workers.forEach(Worker::step);
      workers.forEach(Worker::step);
    }

    private void router(String what, List<Effect> effects) {
      told.add(what + " -> " + (life.state == null ? "-" : life.state.getClass().getSimpleName()));
      Life.only(effects, Effect.SendReply.class).forEach(send -> log.add(send.reply()));
      for (Effect.Dispatch dispatch : Life.only(effects, Effect.Dispatch.class)) {
        queued.add(dispatch.attempt());
        if (random.nextInt(5) == 0) {
          queued.add(dispatch.attempt()); // delivered again
        }
      }
      wasClosing |= life.state instanceof RequestState.Closing;
      if (!Life.only(effects, Effect.FindFinalReply.class).isEmpty()) {
        if (random.nextBoolean()) {
          workers.forEach(Worker::step);
        }
        FinalReplyFold fold = new FinalReplyFold();
        log.forEach(fold::accept);
        FinalReply word =
            Objects.requireNonNull(fold.reply(), () -> "the router has said no last word: " + told);
        router("read " + word.getClass().getSimpleName(), life.settle(word));
      }
    }

    @Nullable Reply last() {
      ReplyFold fold = new ReplyFold();
      for (Reply reply : log) {
        if (fold.accept(reply) == ReplyFold.Verdict.LAST) {
          return reply;
        }
      }
      return null;
    }

    /** Follows the worker's protocol, one write at a time. */
    private final class Worker {
      private final Attempt attempt;
      private final String name;
      private final long claim = random.nextLong(1, Long.MAX_VALUE);
      private int sequence;
      private boolean ended;

      Worker(Attempt attempt, String name) {
        this.attempt = attempt;
        this.name = name;
        reports.add(Samples.started(life.id, attempt, claim, name, life.now));
        told.add(name + " starts " + attempt.number());
      }

      void step() {
        if (ended) {
          return;
        }
        if (!life.now.isBefore(life.request.getDeadline()) && random.nextInt(3) > 0) {
          finish(AttemptOutcome.FAILED, ErrorCode.DEADLINE_EXCEEDED);
        } else if (sequence == 0) {
          open();
        } else {
          switch (random.nextInt(6)) {
            case 0, 1 -> complete();
            case 2 -> finish(AttemptOutcome.FAILED, ErrorCode.PROVIDER_UNAVAILABLE);
            case 3 -> finish(AttemptOutcome.CANCELLED, ErrorCode.CANCELLED);
            case 4 -> die();
            default -> told.add(name + " is slow");
          }
        }
      }

      private void open() {
        FinalReplyFold before = new FinalReplyFold();
        log.forEach(before::accept);
        write(
            new Opened(
                "east",
                "big",
                Continuation.FRESH,
                null,
                null,
                name,
                1L,
                null,
                "openai",
                null,
                null,
                null));
        FinalReply word = before.reply();
        if (word instanceof FinalReply.Answer) {
          // Found.
          finish(AttemptOutcome.SUCCEEDED, null);
        } else if (word != null) {
          finish(AttemptOutcome.SUPERSEDED, null);
        }
      }

      private void complete() {
        write(Completed.newBuilder().setUsage(Samples.usage(12, 34)).build());
        if (random.nextInt(3) == 0) {
          die();
        } else if (random.nextInt(6) == 0) {
          // Written, and the acknowledgement lost.
          finish(AttemptOutcome.FAILED, ErrorCode.UNAVAILABLE);
        } else {
          finish(AttemptOutcome.SUCCEEDED, null);
        }
      }

      private void die() {
        told.add(name + " dies");
        ended = true;
        life.cluster.lostWorkers.add(name);
      }

      private void finish(AttemptOutcome outcome, @Nullable ErrorCode code) {
        told.add(name + " ends " + attempt.number() + " " + outcome);
        ended = true;
        if (random.nextInt(5) == 0) {
          life.cluster.lostWorkers.add(name); // dies before it reports
          return;
        }
        reports.add(
            Samples.event(
                life.id,
                attempt,
                claim,
                name,
                life.now,
                Samples.finished(outcome, code, delivered(), Samples.usage(12, 34))));
      }

      /** A first attempt is opened by its first output, the others before it. */
      private boolean delivered() {
        return sequence > (attempt.number() == 1 ? 0 : 1);
      }

      private void write(Object event) {
        log.add(
            Reply.newBuilder()
                .setRequestId(life.id.toString())
                .setAttempt(attempt.number())
                .setClaim(claim)
                .setSequence(sequence++)
                .setAt(life.now)
                .setEvent(event)
                .build());
      }
    }
  }
}
