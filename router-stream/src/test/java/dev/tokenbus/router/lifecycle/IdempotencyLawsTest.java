package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What holds for many requests under one key in every order of events, with and without crashes.
 * Failures name the seed.
 */
class IdempotencyLawsTest {
  private static final int STORIES = 1_000;
  private static final int EVENTS = 60;
  private static final int REQUESTS = 8;

  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void oneRequestOfAKeyRunsAndAllOthersAreAnsweredWithItsAnswer(long seed, boolean crashing) {
    int attached = 0;
    int conflicts = 0;
    int retried = 0;
    for (int number = 0; number < STORIES; number++) {
      SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
      Story story = new Story(random, crashing);
      story.run();
      String name = "seed " + seed + ", story " + number + ": " + story.told;

      assertThat(story.atOnce).as("run at once in %s", name).isLessThanOrEqualTo(1);
      assertThat(story.billed()).as("came to something in %s", name).hasSizeLessThanOrEqualTo(1);
      for (Life life : story.lives) {
        Set<RequestFinished> outcomes = story.outcomes(life);
        assertThat(outcomes).as("outcomes of %s in %s", life.id, name).hasSize(1);
        String code = outcomes.iterator().next().getErrorCode();
        boolean repeat = "idempotent_repeat".equals(code);
        boolean conflict = "idempotency_conflict".equals(code);
        boolean dispatched = !Life.only(life.effects, Effect.Dispatch.class).isEmpty();
        assertThat(dispatched && (repeat || conflict)).as("%s runs in %s", life.id, name).isFalse();
        Set<RequestId> owners = story.owners(life);
        assertThat(owners).as("owners of %s in %s", life.id, name).hasSize(repeat ? 1 : 0);
        owners.forEach(owner -> assertThat(story.sameBody(life, owner)).as(name).isTrue());
        attached += repeat ? 1 : 0;
        conflicts += conflict ? 1 : 0;
      }
      retried += story.runs() > 1 ? 1 : 0;
    }
    // The stories are worth something only if they tell of all that can happen.
    assertThat(List.of(attached, conflicts, retried)).allMatch(times -> times > 100);
  }

  private static final class Story {
    private final SplittableRandom random;
    private final boolean crashing;
    private final Life.Key key = new Life.Key();
    private final Map<RequestId, Integer> bodies = new HashMap<>();
    final List<Life> lives = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    private Instant now = Samples.START;
    long atOnce;

    Story(SplittableRandom random, boolean crashing) {
      this.random = random;
      this.crashing = crashing;
    }

    void run() {
      for (int i = 0; i < EVENTS; i++) {
        if (lives.size() < REQUESTS && random.nextInt(4) == 0) {
          happen("accept", arrive());
        } else if (!lives.isEmpty()) {
          happen(
              switch (random.nextInt(8)) {
                case 0, 1 -> "accept";
                case 2, 3 -> "start";
                case 4 -> "succeed";
                case 5 -> "fail";
                case 6 -> "cancel";
                default -> "time";
              },
              lives.get(random.nextInt(lives.size())));
        }
      }
      while (lives.stream().anyMatch(life -> life.state instanceof Live)) {
        now = now.plusSeconds(1);
        lives.forEach(life -> happen("time", life));
      }
    }

    private Life arrive() {
      int number = lives.size() + 1;
      int body = random.nextInt(4) == 0 ? 1 : 0;
      RequestAccepted request =
          Samples.underKey(
              Samples.request(Samples.id(number, now), Samples.SINGLE, Life.PATIENCE),
              "once",
              body);
      Life life = new Life(request, new LogPosition(0, number, 512), Policy.DEFAULT, key);
      bodies.put(life.id, body);
      lives.add(life);
      return life;
    }

    private void happen(String what, Life life) {
      now = now.plus(Duration.ofMillis(random.nextInt(200)));
      life.now = now;
      RequestState state = life.state;
      IdempotencyEntry owner = key.owner;
      live(what, life);
      told.add(what + " " + life.position.offset() + " -> " + name(life.state) + owned());
      if (crashing && random.nextInt(3) == 0) {
        crash(what, life, state, owner);
      }
      atOnce = Math.max(atOnce, lives.stream().filter(one -> one.state instanceof Live).count());
    }

    private void live(String what, Life life) {
      boolean known = life.state != null;
      switch (what) {
        case "accept" -> life.accept();
        case "start" -> live(known, () -> life.start(1));
        case "succeed" -> live(known, () -> life.succeed(1));
        case "fail" -> live(known, () -> life.fail(1, ErrorCode.CONTEXT_LENGTH_EXCEEDED));
        case "cancel" -> live(known, () -> life.cancelled(1, random.nextBoolean()));
        default -> life.advance(Duration.ZERO);
      }
    }

    private static void live(boolean known, Runnable event) {
      if (known) {
        event.run();
      }
    }

    /** Either store may be ahead of the other; then the records come again, and all resume. */
    private void crash(
        String what, Life life, @Nullable RequestState state, @Nullable IdempotencyEntry owner) {
      boolean stateLost = !what.equals("time") && !what.equals("cancel") && random.nextBoolean();
      if (stateLost) {
        life.state = state;
      }
      if (random.nextBoolean()) {
        key.owner = owner;
      }
      told.add("crash, left " + name(life.state) + owned());
      if (!what.equals("cancel")) {
        live(what, life);
      }
      lives.stream()
          .filter(one -> one.state != null)
          .forEach(one -> {
            one.now = now;
            one.resume();
          });
    }

    Set<RequestFinished> billed() {
      Set<RequestFinished> billed = new HashSet<>();
      for (Life life : lives) {
        for (RequestFinished outcome : outcomes(life)) {
          if (outcome.getStatus() == RequestStatus.COMPLETED || outcome.getBilled() != null) {
            billed.add(outcome);
          }
        }
      }
      return billed;
    }

    Set<RequestFinished> outcomes(Life life) {
      Set<RequestFinished> outcomes = new HashSet<>();
      Life.only(life.effects, Effect.PublishOutcome.class).forEach(c -> outcomes.add(c.finished()));
      return outcomes;
    }

    Set<RequestId> owners(Life life) {
      Set<RequestId> owners = new HashSet<>();
      for (Effect.SendReply send : Life.only(life.effects, Effect.SendReply.class)) {
        if (send.reply().getEvent() instanceof Attached attached) {
          owners.add(RequestId.parse(attached.getRequestId()));
        }
      }
      return owners;
    }

    boolean sameBody(Life life, RequestId owner) {
      return Objects.equals(bodies.get(life.id), bodies.get(owner));
    }

    long runs() {
      return lives.stream()
          .filter(life -> !Life.only(life.effects, Effect.Dispatch.class).isEmpty())
          .count();
    }

    private String owned() {
      return key.owner == null ? ", free" : ", owned by " + key.owner.offset();
    }

    private static String name(@Nullable RequestState state) {
      return switch (state) {
        case null -> "nothing";
        case Ended ended -> "Ended " + ended.request().outcome().getErrorCode();
        default -> state.getClass().getSimpleName();
      };
    }
  }
}
