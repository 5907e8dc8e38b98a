package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Attempt;
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
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
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
    assertThat(backbone.work(EAST, early).getAttempt()).isEqualTo(1);
  }

  @Test
  void carriesARequestToItsUsage() throws Exception {
    RequestId id = accept(Samples.MODEL);
    AttemptDispatched work = backbone.work(EAST, id);

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
    backbone.work(EAST, id);

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

    AttemptDispatched work = backbone.work(EAST, id);
    assertThat(work.getBody()).isNull();
    BodyReference body = (BodyReference) work.getContent();
    assertThat(body.getAt().getTopic()).isEqualTo(Topics.REQUESTS.name());
    assertThat(body.getSize()).isGreaterThan(11 * 1024 * 1024);
  }

  @Test
  void endsARequestThatIsCancelledBeforeAWorkerStartsIt() throws Exception {
    RequestId id = accept(Samples.MODEL);
    backbone.work(EAST, id);
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

    assertThat(backbone.outcome(id).getStatus()).isEqualTo(RequestStatus.CANCELLED);
  }

  @Test
  void servesAProviderThatJoinsTheCatalogueWhileItRuns() throws Exception {
    backbone.serve("south");
    backbone.catalogue(Samples.model("gpt-new", Samples.route("south", "new")));

    RequestId id = accept("gpt-new");

    AttemptDispatched work = backbone.work(Topics.work("south", Priority.INTERACTIVE).name(), id);
    assertThat(work.getUpstreamModel()).isEqualTo("new");
  }

  @Test
  void believesTheLogWhereAWorkerHasWrittenTheEndAndNotReportedIt() throws Exception {
    RequestId answered = newId();
    RequestId unanswered = newId();
    backbone.accept(Samples.request(answered, Samples.MODEL, Duration.ofSeconds(5)));
    backbone.accept(Samples.request(unanswered, Samples.MODEL, Duration.ofSeconds(5)));
    backbone.report(
        Samples.started(answered, attempt(backbone.work(EAST, answered)), 1, "w", Instant.now()));
    backbone.report(
        Samples.started(
            unanswered, attempt(backbone.work(EAST, unanswered)), 2, "w", Instant.now()));
    backbone.reply(reply(answered, 1, 0, opened()));
    backbone.reply(reply(unanswered, 2, 0, opened()));
    Completed end = Completed.newBuilder().setUsage(Samples.usage(5, 67)).build();
    backbone.reply(reply(answered, 1, 1, end));

    RequestFinished good = backbone.outcome(answered);
    assertThat(good.getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(good.getBilled().getUsage()).isEqualTo(end.getUsage());
    assertThat(good.getBilled().getUpstreamModel()).isEqualTo("big-2026");
    RequestFinished bad = backbone.outcome(unanswered);
    assertThat(bad.getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(bad.getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(bad.getFinishedAt()).isBefore(unanswered.acceptedAt().plusSeconds(9));
  }

  @Test
  void rejectsAModelNobodyKnows() throws Exception {
    RequestId id = accept("gpt-nonesuch");

    RequestFinished outcome = backbone.outcome(id);

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

  private List<ConsumerRecord<String, Reply>> replies(RequestId id) {
    TopicReader<Reply> reader = backbone.read(Topics.REPLIES.name(), Reply.class);
    reader.until(all -> all.stream().anyMatch(r -> r.getRequestId().equals(id.toString())));
    return reader.records.stream()
        .filter(r -> r.value().getRequestId().equals(id.toString()))
        .toList();
  }

  private static Attempt attempt(AttemptDispatched work) {
    return new Attempt(
        work.getAttempt(), work.getProvider(), work.getModel(), work.getUpstreamModel());
  }
}
