package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

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
 * kind of cluster.
 */
class EveryStateEndsTest {
  private static final Duration TICK = Duration.ofMillis(100);

  static Stream<Class<? extends RequestState>> states() {
    return leaves(RequestState.class);
  }

  @ParameterizedTest
  @MethodSource("states")
  void timeAloneDrivesItOut(Class<? extends RequestState> kind) {
    for (ClusterView cluster : ClusterView.values()) {
      Life life = lifeIn(kind);
      cluster.comeAbout(life);
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
            .as("%s in world %s is now in %s", kind.getSimpleName(), cluster, life.state)
            .isBeforeOrEqualTo(latest);
      }

      if (wasLive) {
        assertThat(Life.only(life.effects, Effect.PublishOutcome.class))
            .as("outcomes of %s in world %s", kind.getSimpleName(), cluster)
            .hasSize(1);
      }
    }
  }

  private enum ClusterView {
    UNCHANGED {
      @Override
      void comeAbout(Life life) {}
    },
    ALL_WORKERS_DEAD {
      @Override
      void comeAbout(Life life) {
        life.cluster.lostWorkers.add(Samples.WORKER);
        life.cluster.pool = new PoolState(PoolState.Kind.UNSERVED, life.now);
      }
    },
    IDLE_WORKERS_THAT_TAKE_NOTHING {
      @Override
      void comeAbout(Life life) {
        life.cluster.pool = new PoolState(PoolState.Kind.IDLE, life.now);
      }
    },
    EMPTY_CATALOGUE {
      @Override
      void comeAbout(Life life) {
        life.cluster.catalogue = Catalogue.EMPTY;
      }
    },
    NO_WORK_TOPICS {
      @Override
      void comeAbout(Life life) {
        life.cluster.withoutTopics.addAll(List.of("east", "west"));
      }
    };

    abstract void comeAbout(Life life);
  }

  private static Life lifeIn(Class<? extends RequestState> kind) {
    List<Supplier<Life>> ways =
        List.of(
            () -> {
              Life life = new Life(Samples.MODEL);
              life.cluster.withoutTopics.add("east");
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
              life.finalReply = null;
              life.advance(Life.PATIENCE);
              life.advance(life.policy.stopping());
              return life;
            },
            () -> {
              Life life = Life.streaming(Samples.MODEL);
              life.succeed(1);
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
