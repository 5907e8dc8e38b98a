package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No request can stay in flight for ever: whatever its state, time alone drives it out, in every
 * kind of world.
 */
class EveryStateEndsTest {
  private static final Duration TICK = Duration.ofMillis(100);

  static Stream<Class<? extends RequestState>> states() {
    return leaves(RequestState.class);
  }

  @ParameterizedTest
  @MethodSource("states")
  void timeAloneDrivesItOut(Class<? extends RequestState> kind) {
    for (World world : World.values()) {
      Life life = lifeIn(kind);
      world.comeAbout(life);
      assertThat(life.state).isInstanceOf(kind);
      boolean wasLive = life.state instanceof RequestState.Live;
      Instant latest =
          life.request
              .getDeadline()
              .plus(life.policy.stopping())
              .plus(life.policy.closing())
              .plus(life.policy.repeatOutcome())
              .plus(Duration.ofMinutes(1))
              .plus(TICK);

      while (life.state != null) {
        life.advance(TICK);
        assertThat(life.now)
            .as("%s in world %s is now in %s", kind.getSimpleName(), world, life.state)
            .isBeforeOrEqualTo(latest);
      }

      if (wasLive) {
        assertThat(Life.only(life.effects, Effect.Conclude.class))
            .as("outcomes of %s in world %s", kind.getSimpleName(), world)
            .hasSize(1);
      }
    }
  }

  private enum World {
    UNCHANGED {
      @Override
      void comeAbout(Life life) {}
    },
    ALL_WORKERS_DEAD {
      @Override
      void comeAbout(Life life) {
        life.world.lostWorkers.add(Samples.WORKER);
        life.world.pool = new PoolState(PoolState.Kind.UNSERVED, life.now);
      }
    },
    IDLE_WORKERS_THAT_TAKE_NOTHING {
      @Override
      void comeAbout(Life life) {
        life.world.pool = new PoolState(PoolState.Kind.IDLE, life.now);
      }
    },
    EMPTY_CATALOGUE {
      @Override
      void comeAbout(Life life) {
        life.world.catalogue = Catalogue.EMPTY;
      }
    },
    NO_WORK_TOPICS {
      @Override
      void comeAbout(Life life) {
        life.world.withoutTopics.addAll(List.of("east", "west"));
      }
    };

    abstract void comeAbout(Life life);
  }

  private static Life lifeIn(Class<? extends RequestState> kind) {
    List<Supplier<Life>> ways =
        List.of(
            () -> {
              Life life = new Life(Samples.MODEL);
              life.world.withoutTopics.add("east");
              life.accept();
              return life;
            },
            () -> {
              Life life = Life.streaming(Samples.SINGLE);
              life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);
              return life;
            },
            () -> Life.accepted(Samples.MODEL),
            () -> Life.streaming(Samples.MODEL),
            () -> {
              Life life = Life.streaming(Samples.MODEL);
              life.advance(Life.PATIENCE);
              return life;
            },
            () -> {
              Life life = Life.streaming(Samples.MODEL);
              life.lastWord = null;
              life.advance(Life.PATIENCE);
              life.advance(life.policy.stopping());
              return life;
            },
            () -> {
              Life life = Life.streaming(Samples.MODEL);
              life.succeed(1);
              return life;
            },
            () -> {
              Life life = Life.streaming(Samples.MODEL);
              life.succeed(1);
              life.state = life.in(Ended.class).forget(life.request.getDeadline());
              return life;
            });
    return ways.stream()
        .map(Supplier::get)
        .filter(life -> kind.isInstance(life.state))
        .findFirst()
        .orElseThrow(() -> new AssertionError("This test does not know how to reach " + kind));
  }

  private static Stream<Class<? extends RequestState>> leaves(Class<? extends RequestState> kind) {
    if (!kind.isSealed()) {
      return Stream.of(kind);
    }
    List<Class<? extends RequestState>> all = new ArrayList<>();
    Arrays.stream(kind.getPermittedSubclasses())
        .forEach(sub -> leaves(sub.asSubclass(RequestState.class)).forEach(all::add));
    return all.stream();
  }
}
