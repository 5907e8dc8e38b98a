package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UsageRecorded;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The apps in this process, against a real broker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RouterIT {
  private static final String EAST = Topics.work("east", Priority.INTERACTIVE).name();

  private final SplittableRandom random = new SplittableRandom();
  private Backbone backbone;
  private RouterApp router;
  private MeteringApp metering;
  private RequestId early;

  @BeforeAll
  void startsWhileARequestWaitsAlready(@TempDir Path state) throws Exception {
    backbone = Backbone.start(state);
    early = accept(Samples.MODEL);
    router = RouterApp.start(backbone.context, RouterSettings.DEFAULT);
    metering = MeteringApp.start(backbone.context, MeteringSettings.DEFAULT);
    await().atMost(Duration.ofSeconds(60)).until(() -> router.ready() && metering.ready());
  }

  @AfterAll
  void stop() {
    metering.close();
    router.close();
    backbone.close();
  }

  @Test
  void dispatchesWhatWasAcceptedBeforeItStarted() {
    assertThat(work(EAST, early).getAttempt()).isEqualTo(1);
  }

  @Test
  void carriesARequestToItsUsage() throws Exception {
    RequestId id = accept(Samples.MODEL);
    AttemptDispatched work = work(EAST, id);

    backbone.report(Samples.started(id, attempt(work), 1, "w", Instant.now()));
    backbone.report(Samples.succeeded(id, attempt(work), 1, "w", Instant.now()));

    UsageRecorded usage =
        backbone
            .read(Topics.USAGE.name(), UsageRecorded.class)
            .until(all -> all.stream().anyMatch(u -> u.getId().equals(id.toString())))
            .stream()
            .filter(u -> u.getId().equals(id.toString()))
            .findFirst()
            .orElseThrow();
    assertThat(usage.getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(usage.getBilled().getUsage().getOutput()).isEqualTo(34);
    assertThat(replies(id).getFirst().value().getEvent()).isInstanceOf(Admitted.class);
  }

  @Test
  void repliesInThePartitionThatTheIdNames() throws Exception {
    RequestId id = accept(Samples.MODEL);
    work(EAST, id);

    assertThat(replies(id)).extracting(ConsumerRecord::partition).containsOnly(id.replyPartition());
  }

  @Test
  void refersToABodyOfElevenMegabytesInTheRequestsRecord() throws Exception {
    StringBuilder noise = new StringBuilder();
    while (noise.length() < 11 * 1024 * 1024) {
      noise.append(Long.toString(random.nextLong(), 36));
    }
    RequestId id = newId();
    backbone.accept(Samples.legacy(id, Samples.MODEL, Duration.ofMinutes(5), noise.toString()));

    AttemptDispatched work = work(EAST, id);
    assertThat(work.getBody()).isNull();
    BodyReference body = (BodyReference) work.getContent();
    assertThat(body.getAt().getTopic()).isEqualTo(Topics.REQUESTS.name());
    assertThat(body.getSize()).isGreaterThan(11 * 1024 * 1024);
  }

  @Test
  void endsARequestThatIsCancelledBeforeAWorkerStartsIt() throws Exception {
    RequestId id = accept(Samples.MODEL);
    work(EAST, id);
    Cancel cancel =
        Cancel.newBuilder()
            .setReason(CancelReason.CLIENT_GONE)
            .setUpToAttempt(Integer.MAX_VALUE)
            .build();
    backbone.send(
        Topics.CONTROL.name(),
        id.toString(),
        Control.newBuilder()
            .setRequestId(id.toString())
            .setTenant(Samples.TENANT)
            .setAt(Instant.now())
            .setCommand(cancel)
            .build());

    assertThat(outcome(id).getStatus()).isEqualTo(RequestStatus.CANCELLED);
  }

  @Test
  void servesAProviderThatJoinsTheCatalogueWhileItRuns() throws Exception {
    backbone.serve("south");
    backbone.catalogue(Samples.model("gpt-new", Samples.route("south", "new")));

    RequestId id = accept("gpt-new");

    AttemptDispatched work = work(Topics.work("south", Priority.INTERACTIVE).name(), id);
    assertThat(work.getUpstreamModel()).isEqualTo("new");
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
    AttemptDispatched work = work(EAST, id);
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

  @Test
  void believesTheLogWhereAWorkerHasWrittenTheEndAndNotReportedIt() throws Exception {
    RequestId answered = newId();
    RequestId unanswered = newId();
    backbone.accept(Samples.request(answered, Samples.MODEL, Duration.ofSeconds(5)));
    backbone.accept(Samples.request(unanswered, Samples.MODEL, Duration.ofSeconds(5)));
    backbone.report(
        Samples.started(answered, attempt(work(EAST, answered)), 1, "w", Instant.now()));
    backbone.report(
        Samples.started(unanswered, attempt(work(EAST, unanswered)), 2, "w", Instant.now()));
    backbone.reply(reply(answered, 1, 0, opened()));
    backbone.reply(reply(unanswered, 2, 0, opened()));
    Completed end = Completed.newBuilder().setUsage(Samples.usage(5, 67)).build();
    backbone.reply(reply(answered, 1, 1, end));

    RequestFinished good = outcome(answered);
    assertThat(good.getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(good.getBilled().getUsage()).isEqualTo(end.getUsage());
    assertThat(good.getBilled().getUpstreamModel()).isEqualTo("big-2026");
    RequestFinished bad = outcome(unanswered);
    assertThat(bad.getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(bad.getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(bad.getFinishedAt()).isBefore(unanswered.acceptedAt().plusSeconds(9));
  }

  @Test
  void rejectsAModelNobodyKnows() throws Exception {
    RequestId id = accept("gpt-nonesuch");

    RequestFinished outcome = outcome(id);

    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.REJECTED);
    assertThat(outcome.getErrorCode()).isEqualTo("model_not_found");
  }

  private RequestId newId() {
    return RequestId.of(Instant.now(), random.nextInt(16), random);
  }

  private RequestId accept(String model) throws Exception {
    RequestId id = newId();
    backbone.accept(Samples.request(id, model, Duration.ofMinutes(5)));
    return id;
  }

  private RequestFinished outcome(RequestId id) {
    return backbone
        .read(Topics.OUTCOMES.name(), RequestFinished.class)
        .until(all -> all.stream().anyMatch(o -> o.getRequestId().equals(id.toString())))
        .stream()
        .filter(o -> o.getRequestId().equals(id.toString()))
        .findFirst()
        .orElseThrow();
  }

  private static Opened opened() {
    return Opened.newBuilder()
        .setProvider("east")
        .setModel("big-2026")
        .setWorkerId("w")
        .setWorkerEpoch(1)
        .build();
  }

  private static Reply reply(RequestId id, long claim, int sequence, Object event) {
    return Reply.newBuilder()
        .setRequestId(id.toString())
        .setAttempt(1)
        .setClaim(claim)
        .setSequence(sequence)
        .setAt(Instant.now())
        .setEvent(event)
        .build();
  }

  private AttemptDispatched work(String topic, RequestId id) {
    return backbone
        .read(topic, AttemptDispatched.class)
        .until(all -> all.stream().anyMatch(w -> w.getRequestId().equals(id.toString())))
        .stream()
        .filter(w -> w.getRequestId().equals(id.toString()))
        .findFirst()
        .orElseThrow();
  }

  private List<ConsumerRecord<String, Reply>> replies(RequestId id) {
    TopicReader<Reply> reader = backbone.read(Topics.REPLIES.name(), Reply.class);
    reader.until(all -> all.stream().anyMatch(r -> r.getRequestId().equals(id.toString())));
    return reader.records.stream()
        .filter(r -> r.value().getRequestId().equals(id.toString()))
        .toList();
  }

  private static boolean is(AttemptDispatched work, RequestId id, int attempt) {
    return work.getRequestId().equals(id.toString()) && work.getAttempt() == attempt;
  }

  private static Attempt attempt(AttemptDispatched work) {
    return new Attempt(
        work.getAttempt(), work.getProvider(), work.getModel(), work.getUpstreamModel());
  }
}
