package dev.tokenbus.workers.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.CancelAll;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.reply.RecordProducer;
import dev.tokenbus.workers.reply.ReplyFlusher;
import dev.tokenbus.workers.reply.ReplyWriters;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands that name a tenant or a key, and not one request. */
class RunningAttemptsTest {
  private static final Instant ACCEPTED = Instant.parse("2026-11-28T10:00:00Z");
  private static final Instant LATER = ACCEPTED.plusSeconds(1);

  private final RunningAttempts attempts = new RunningAttempts(InstantSource.system());
  private final ReplyFlusher flusher = ReplyFlusher.start(Duration.ZERO);
  private final AttemptRun ours = running("acme", "main");
  private final AttemptRun otherKey = running("acme", "spare");
  private final AttemptRun otherTenant = running("umbrella", "main");

  @AfterEach
  void stop() {
    flusher.close();
  }

  private AttemptRun running(String tenant, String key) {
    RecordProducer producer =
        new RecordProducer(
            new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer()),
            (topic, record) -> new byte[0]);
    WorkerIdentity worker = new WorkerIdentity("w", 1);
    RunContext context =
        new RunContext(
            worker,
            new AttemptReporter(producer, worker, InstantSource.system(), Runnable::run),
            new ReplyWriters(producer, flusher, InstantSource.system()),
            new FakeHistory(Delivered.whole(List.of(), false, null)),
            () -> 2,
            Runnable::run);
    AttemptDispatched dispatched =
        AttemptDispatched.newBuilder(
                Samples.dispatched(
                    RequestId.of(ACCEPTED, 0, ThreadLocalRandom.current()),
                    1,
                    "mock",
                    "m",
                    Samples.ask("hi", true)))
            .setTenant(tenant)
            .setKeyId(key)
            .build();
    AttemptRun run = new AttemptRun(AttemptSpec.of(dispatched, 42), context, new FakeSlot());
    attempts.add(run);
    return run;
  }

  private static CancelAll all(String scope, String name) {
    return new CancelAll(CancelReason.OPERATOR, scope, name);
  }

  @Test
  void endsTheRunsOfATenantAndOfNoOther() {
    attempts.cancelAll(all("tenant", "acme"), "acme", LATER);

    assertThat(List.of(ours.ended(), otherKey.ended(), otherTenant.ended()))
        .containsExactly(true, true, false);
  }

  @Test
  void takesAKeyOfTheSameNameForAnotherWhereItsTenantIsAnother() {
    attempts.cancelAll(all("key", "main"), "acme", LATER);

    assertThat(List.of(ours.ended(), otherKey.ended(), otherTenant.ended()))
        .containsExactly(true, false, false);
  }

  @Test
  void leavesWhatWasAcceptedAfterTheCommand() {
    attempts.cancelAll(all("tenant", "acme"), "acme", ACCEPTED);

    assertThat(ours.ended()).isFalse();
  }
}
