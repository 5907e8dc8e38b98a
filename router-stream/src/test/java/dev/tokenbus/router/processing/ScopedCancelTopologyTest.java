package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.lifecycle.ScopedCancel;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelAll;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** Commands to end everything of a tenant, key, agent or run. */
class ScopedCancelTopologyTest extends RouterDriven {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Instant COMMANDED = Samples.START.plusSeconds(1);
  private static final Instant LATER = Samples.START.plusSeconds(2);

  @Test
  void endsWhatNobodyHasStarted() {
    RequestId id = accept(1, Samples.START, request -> request);

    command("tenant", Samples.TENANT, Samples.TENANT);

    assertThat(ended()).containsExactly(id.toString());
  }

  @Test
  void tellsTheWorkerThatRunsOneAndWaitsForItsReport() {
    RequestId id = accept(1, Samples.START, request -> request);
    AttemptDispatched work = router.work(RouterDriver.WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(work, 7));

    command("tenant", Samples.TENANT, Samples.TENANT);

    assertThat(router.outcomes()).isEmpty();
    assertThat(router.controls())
        .singleElement()
        .satisfies(control -> {
          assertThat(control.key()).isEqualTo(id.toString());
          Cancel cancel = (Cancel) control.value().getCommand();
          assertThat(cancel.getReason()).isEqualTo(CancelReason.OPERATOR);
          assertThat(cancel.getUpToAttempt()).isEqualTo(1);
        });
    router.report(RouterDriver.failed(work, 7));
    assertThat(ended()).containsExactly(id.toString());
    assertThat(router.work(RouterDriver.WORK_EAST)).isEmpty();
  }

  @Test
  void leavesWhatWasAcceptedAfterTheCommand() {
    accept(1, LATER, request -> request);

    command("tenant", Samples.TENANT, Samples.TENANT);
    accept(2, LATER, request -> request);

    assertThat(router.outcomes()).isEmpty();
    assertThat(router.work(RouterDriver.WORK_EAST)).hasSize(2);
  }

  @Test
  void endsWhatWasAcceptedBeforeTheCommandAndIsReadBehindItWithoutADispatch() {
    command("tenant", Samples.TENANT, Samples.TENANT);

    RequestId id = accept(1, Samples.START, request -> request);

    assertThat(ended()).containsExactly(id.toString());
    assertThat(router.work(RouterDriver.WORK_EAST)).isEmpty();
  }

  @Test
  void leavesOtherTenants() {
    accept(1, Samples.START, request -> request.setTenant("globex"));

    command("tenant", Samples.TENANT, Samples.TENANT);

    assertThat(router.outcomes()).isEmpty();
  }

  @Test
  void takesAKeyForThatOfItsTenantAlone() {
    RequestId meant = accept(1, Samples.START, request -> request.setKeyId("web"));
    accept(2, Samples.START, request -> request.setKeyId("batch"));
    accept(3, Samples.START, request -> request.setKeyId("web").setTenant("globex"));

    command("key", Samples.TENANT, "web");

    assertThat(ended()).containsExactly(meant.toString());
  }

  @Test
  void endsTheRequestsOfAnAgent() {
    RequestId meant = accept(1, Samples.START, request -> request.setAgent("researcher"));
    accept(2, Samples.START, request -> request.setAgent("writer"));
    accept(3, Samples.START, request -> request);

    command("agent", Samples.TENANT, "researcher");

    assertThat(ended()).containsExactly(meant.toString());
  }

  @Test
  void endsTheRequestsOfARun() {
    RequestId meant = accept(1, Samples.START, request -> request.setRunId("run-1"));
    accept(2, Samples.START, request -> request.setRunId("run-2"));

    command("run", Samples.TENANT, "run-1");

    assertThat(ended()).containsExactly(meant.toString());
  }

  @Test
  void findsMoreRequestsThanOneCallLooksAt() {
    for (int i = 0; i < 2_500; i++) {
      accept(i, Samples.START, request -> request);
    }

    command("tenant", Samples.TENANT, Samples.TENANT);

    assertThat(ended()).hasSize(2_500);
  }

  private RequestId accept(int seed, Instant at, UnaryOperator<RequestAccepted.Builder> change) {
    RequestId id = Samples.id(seed, at);
    router.accept(
        change
            .apply(RequestAccepted.newBuilder(Samples.request(id, Samples.MODEL, PATIENCE)))
            .build());
    return id;
  }

  private void command(String scope, String tenant, String name) {
    CancelAll all =
        CancelAll.newBuilder()
            .setReason(CancelReason.OPERATOR)
            .setScope(scope)
            .setName(name)
            .build();
    Control control =
        Control.newBuilder()
            .setRequestId("")
            .setTenant(tenant)
            .setAt(COMMANDED)
            .setCommand(all)
            .build();
    router.cancels.heard(ScopedCancel.of(control, all));
    router.pass(Duration.ofMillis(300));
  }

  /** The ids of the requests that were cancelled; no other has ended. */
  private List<String> ended() {
    // A start that is on its way is waited for.
    router.pass(Duration.ofSeconds(11));
    List<TestRecord<String, RequestFinished>> outcomes = router.outcomes();
    assertThat(outcomes)
        .allSatisfy(
            outcome -> assertThat(outcome.value().getStatus()).isEqualTo(RequestStatus.CANCELLED));
    return outcomes.stream().map(outcome -> outcome.value().getRequestId()).toList();
  }
}
