package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.streams.RestoreLog;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two routers with one standby copy of each task's store, of which one is killed. */
class StandbyIT {
  private static final Map<String, String> ONE_STANDBY = Map.of("TOKENBUS_ROUTER_STANDBYS", "1");
  private static final int REQUESTS = 400;
  private static final int TENANTS = 40;

  private final SplittableRandom random = new SplittableRandom(51);
  private final RestoreLog restores = new RestoreLog();
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
  void theOtherGoesOnWithoutReadingTheChangelogAgain() throws Exception {
    try (RouterApp survivor =
        RouterApp.start(
            backbone.context, RouterSettings.from(Addresses.of(ONE_STANDBY)), restores)) {
      await().atMost(Duration.ofSeconds(60)).until(survivor::ready);
      Process mortal = backbone.process(RouterApp.class, state.resolve("mortal"), ONE_STANDBY);
      await().atMost(Duration.ofSeconds(60)).until(() -> !restores.standbys().isEmpty());
      List<AttemptDispatched> work = acceptFromManyTenants();
      List<TopicPartition> copies = List.copyOf(restores.standbys().keySet());
      long written = awaitCopied(copies);
      long restoredBefore = restores.restored();

      Backbone.kill(mortal);
      for (AttemptDispatched dispatched : work) {
        succeed(dispatched);
      }

      assertThat(outcomes())
          .hasSize(REQUESTS)
          .allSatisfy((id, status) -> assertThat(status).isEqualTo(RequestStatus.COMPLETED));
      assertThat(restores.standbys().keySet()).doesNotContainAnyElementsOf(copies);
      assertThat(written).isGreaterThan(50);
      assertThat(restores.restored() - restoredBefore).isLessThan(written / 10);
    }
  }

  private List<AttemptDispatched> acceptFromManyTenants() throws Exception {
    for (int i = 0; i < REQUESTS; i++) {
      RequestId id = RequestId.of(Instant.now(), random.nextInt(16), random);
      backbone.acceptWithoutWaiting(
          RequestAccepted.newBuilder(Samples.request(id, Samples.MODEL, Duration.ofMinutes(30)))
              .setTenant("tenant-" + i % TENANTS)
              .build());
    }
    return backbone
        .read(Topics.work("east", Priority.INTERACTIVE).name(), AttemptDispatched.class)
        .until(all -> all.size() >= REQUESTS);
  }

  /** Waits until the copies have all that is written, and returns how many records that are. */
  private long awaitCopied(List<TopicPartition> copies) {
    try (Admin admin = Admin.create(backbone.context.kafka().common())) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            Map<TopicPartition, Long> ends = ends(admin, copies);
            return copies.stream()
                .allMatch(copy ->
                    restores.standbys().getOrDefault(copy, -1L) + 1
                        >= Objects.requireNonNull(ends.get(copy)));
          });
      return ends(admin, copies).values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static Map<TopicPartition, Long> ends(Admin admin, List<TopicPartition> partitions) {
    return partitions.stream()
        .collect(
            Collectors.toMap(
                partition -> partition,
                partition -> {
                  try {
                    ListOffsetsResultInfo end =
                        admin
                            .listOffsets(Map.of(partition, OffsetSpec.latest()))
                            .partitionResult(partition)
                            .get();
                    return end.offset();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }));
  }

  private void succeed(AttemptDispatched work) throws Exception {
    RequestId id = RequestId.parse(work.getRequestId());
    Attempt attempt =
        new Attempt(work.getAttempt(), "east", Samples.MODEL, work.getUpstreamModel());
    report(Samples.started(id, attempt, 1, "w", Instant.now()), work.getTenant());
    report(Samples.succeeded(id, attempt, 1, "w", Instant.now()), work.getTenant());
  }

  private void report(AttemptEvent event, String tenant) throws Exception {
    backbone.report(AttemptEvent.newBuilder(event).setTenant(tenant).build());
  }

  private Map<String, RequestStatus> outcomes() {
    return backbone
        .read(Topics.OUTCOMES.name(), RequestFinished.class)
        .until(
            all -> all.stream().map(RequestFinished::getRequestId).distinct().count() >= REQUESTS)
        .stream()
        .collect(
            Collectors.toMap(
                RequestFinished::getRequestId,
                RequestFinished::getStatus,
                (first, again) -> first));
  }
}
