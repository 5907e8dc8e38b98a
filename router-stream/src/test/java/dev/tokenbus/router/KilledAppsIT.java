package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.metering.MeteringTopologyTest;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The apps as processes of their own, killed with SIGKILL in the middle of their work. */
class KilledAppsIT {
  private static final String EAST = Topics.work("east", Priority.INTERACTIVE).name();

  private final SplittableRandom random = new SplittableRandom(11);
  @TempDir private Path state;
  private Backbone backbone;

  @BeforeEach
  void start() throws Exception {
    backbone = Backbone.start(state.resolve("test"));
  }

  @AfterEach
  void stop() {
    backbone.close();
  }

  @Test
  void everyRequestEndsOnceWhenTheRouterIsKilledBetweenAcceptanceAndEnd() throws Exception {
    Process first = backbone.process(RouterApp.class, state.resolve("router"));
    Set<RequestId> accepted = new LinkedHashSet<>(accept(40));
    TopicReader<AttemptDispatched> work = backbone.read(EAST, AttemptDispatched.class);
    work.until(all -> ids(all).containsAll(names(accepted)));
    Map<String, Attempt> running = start(work.values(), Set.of());
    List<String> half = running.keySet().stream().limit(20).toList();
    succeed(running, half);
    List<RequestId> lastMoment = accept(20);

    Backbone.kill(first);

    accepted.addAll(lastMoment);
    succeed(running, running.keySet().stream().skip(20).toList());
    Process second = backbone.process(RouterApp.class, state.resolve("router"));
    work.until(all -> ids(all).containsAll(names(accepted)));
    Map<String, Attempt> rest = start(work.values(), running.keySet());
    succeed(rest, new ArrayList<>(rest.keySet()));

    TopicReader<RequestFinished> outcomes =
        backbone.read(Topics.OUTCOMES.name(), RequestFinished.class);
    outcomes.until(all ->
        all.stream()
            .map(RequestFinished::getRequestId)
            .collect(Collectors.toSet())
            .containsAll(names(accepted)));
    Map<String, Set<RequestFinished>> different = new HashMap<>();
    outcomes
        .values()
        .forEach(o -> different.computeIfAbsent(o.getRequestId(), id -> new HashSet<>()).add(o));
    assertThat(different).hasSize(60);
    assertThat(different.values())
        .allSatisfy(contents ->
            assertThat(contents)
                .singleElement()
                .extracting(RequestFinished::getStatus)
                .isEqualTo(RequestStatus.COMPLETED));
    Backbone.kill(second);
  }

  @Test
  void usageHoldsEachRequestOnceWhenMeteringIsKilledInTheMiddle() throws Exception {
    Process first = backbone.process(MeteringApp.class, state.resolve("metering"));
    List<RequestFinished> outcomes = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      outcomes.add(MeteringTopologyTest.outcome(newId(), RequestStatus.COMPLETED));
    }
    TopicReader<UsageRecorded> usage = backbone.read(Topics.USAGE.name(), UsageRecorded.class);
    send(outcomes.subList(0, 100));
    usage.until(all -> all.size() >= 50);
    send(outcomes.subList(0, 300));

    Backbone.kill(first);

    Process second = backbone.process(MeteringApp.class, state.resolve("metering"));
    send(outcomes);
    send(outcomes);
    RequestFinished last = MeteringTopologyTest.outcome(newId(), RequestStatus.COMPLETED);
    send(List.of(last));
    usage.until(all -> all.stream().anyMatch(u -> u.getId().equals(last.getRequestId())));
    usage.poll(Duration.ofSeconds(2));

    assertThat(usage.values())
        .extracting(UsageRecorded::getId)
        .doesNotHaveDuplicates()
        .hasSize(401);
    Backbone.kill(second);
  }

  private List<RequestId> accept(int count) throws Exception {
    List<RequestId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RequestId id = newId();
      backbone.accept(Samples.request(id, Samples.MODEL, Duration.ofMinutes(5)));
      ids.add(id);
    }
    return ids;
  }

  private RequestId newId() {
    return RequestId.of(Instant.now(), random.nextInt(16), random);
  }

  /** One worker takes each request once, in the first attempt that it sees. */
  private Map<String, Attempt> start(List<AttemptDispatched> work, Set<String> taken)
      throws Exception {
    Map<String, Attempt> running = new HashMap<>();
    for (AttemptDispatched dispatched : work) {
      String id = dispatched.getRequestId();
      Attempt attempt =
          new Attempt(
              dispatched.getAttempt(), "east", Samples.MODEL, dispatched.getUpstreamModel());
      if (!taken.contains(id) && running.putIfAbsent(id, attempt) == null) {
        backbone.report(Samples.started(RequestId.parse(id), attempt, 1, "w", Instant.now()));
      }
    }
    return running;
  }

  private void succeed(Map<String, Attempt> running, List<String> ids) throws Exception {
    for (String id : ids) {
      backbone.report(
          Samples.succeeded(
              RequestId.parse(id), Objects.requireNonNull(running.get(id)), 1, "w", Instant.now()));
    }
  }

  private void send(List<RequestFinished> outcomes) throws Exception {
    for (RequestFinished outcome : outcomes) {
      backbone.send(Topics.OUTCOMES.name(), outcome.getTenant(), outcome);
    }
  }

  private static Set<String> ids(List<AttemptDispatched> work) {
    return work.stream().map(AttemptDispatched::getRequestId).collect(Collectors.toSet());
  }

  private static Set<String> names(Set<RequestId> ids) {
    return ids.stream().map(RequestId::toString).collect(Collectors.toSet());
  }
}
