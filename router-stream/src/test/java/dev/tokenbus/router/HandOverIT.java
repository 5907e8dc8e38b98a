package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.WorkerState;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A router that hands the requests of silent workers over, against a real broker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HandOverIT {
  private static final String EAST = Topics.work("east", Priority.INTERACTIVE).name();

  private final SplittableRandom random = new SplittableRandom();
  private Backbone backbone;
  private RouterApp router;

  @BeforeAll
  void start(@TempDir Path state) throws Exception {
    backbone = Backbone.start(state);
    router = RouterApp.start(backbone.context, RouterSettings.DEFAULT);
    await().atMost(Duration.ofSeconds(60)).until(router::ready);
  }

  @AfterAll
  void stop() {
    router.close();
    backbone.close();
  }

  @Test
  void handsOverWhenAWorkerFallsSilent() throws Exception {
    assertThat(silenceUntilHandedOver(runBy("mortal")))
        .isBetween(Duration.ofMillis(2_900), Duration.ofMillis(5_000));
  }

  @Test
  void handsOverSoonerWhileAnotherWorkerIsHeard() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch heard = new CountDownLatch(3);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Void> other =
          threads.submit(() -> {
            while (!stop.get()) {
              backbone.beat(
                  Samples.heartbeat("steady", 1, Instant.now(), WorkerState.RUNNING, 10, 10));
              heard.countDown();
              Thread.sleep(250);
            }
            return null;
          });
      try {
        heard.await();
        // One after the other: where this machine stands still for a moment, the other was not
        // heard steadily, and who was silent by then is waited for as long as ever.
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          runs.add(runBy("mortal-beside-" + i));
          Thread.sleep(700);
        }
        List<Duration> silences = new ArrayList<>();
        for (Run run : runs) {
          silences.add(silenceUntilHandedOver(run));
        }
        assertThat(silences)
            .allSatisfy(silence -> assertThat(silence).isGreaterThan(Duration.ofMillis(950)))
            .anySatisfy(silence -> assertThat(silence).isLessThan(Duration.ofMillis(2_500)));
      } finally {
        stop.set(true);
      }
      assertThat(other.get(5, TimeUnit.SECONDS)).isNull();
    }
  }

  /** A request that is run by a worker of which nothing is heard any more since then. */
  private record Run(RequestId id, Instant lastHeard) {}

  private Run runBy(String worker) throws Exception {
    RequestId id = accept(Samples.MODEL);
    AttemptDispatched work = backbone.work(EAST, id);
    Instant lastHeard = Instant.now();
    backbone.beat(Samples.heartbeat(worker, 1, lastHeard, WorkerState.RUNNING, 10, 0));
    backbone.report(Samples.started(id, attempt(work), 1, worker, Instant.now()));
    return new Run(id, lastHeard);
  }

  private Duration silenceUntilHandedOver(Run run) {
    return Duration.between(run.lastHeard(), secondDispatch(run.id()).getDispatchedAt());
  }

  private AttemptDispatched secondDispatch(RequestId id) {
    return backbone
        .read(EAST, AttemptDispatched.class)
        .until(all -> all.stream().anyMatch(w -> is(w, id, 2)))
        .stream()
        .filter(w -> is(w, id, 2))
        .findFirst()
        .orElseThrow();
  }

  private RequestId accept(String model) throws Exception {
    RequestId id = RequestId.of(Instant.now(), random.nextInt(16), random);
    backbone.accept(Samples.request(id, model, Duration.ofMinutes(5)));
    return id;
  }

  private static boolean is(AttemptDispatched work, RequestId id, int attempt) {
    return work.getRequestId().equals(id.toString()) && work.getAttempt() == attempt;
  }

  private static Attempt attempt(AttemptDispatched work) {
    return new Attempt(
        work.getAttempt(), work.getProvider(), work.getModel(), work.getUpstreamModel());
  }
}
