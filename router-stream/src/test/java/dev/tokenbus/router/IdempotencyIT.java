package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request sent again under its idempotency key, around routers that are killed with SIGKILL. */
class IdempotencyIT {
  private final SplittableRandom random = new SplittableRandom(12);
  @TempDir private Path state;
  private Backbone backbone;
  private TopicReader<Reply> replies;
  private TopicReader<RequestFinished> outcomes;

  @BeforeEach
  void start() throws Exception {
    backbone = Backbone.start(state.resolve("test"));
    replies = backbone.read(Topics.REPLIES.name(), Reply.class);
    outcomes = backbone.read(Topics.OUTCOMES.name(), RequestFinished.class);
  }

  @AfterEach
  void stop() {
    backbone.close();
  }

  @Test
  void runsOnceWhoeverIsKilledInBetween() throws Exception {
    Process router = backbone.process(RouterApp.class, state.resolve("router"));
    TopicReader<AttemptDispatched> work =
        backbone.read(Topics.work("east", Priority.INTERACTIVE).name(), AttemptDispatched.class);
    RequestId first = accept("once", 0);
    AttemptDispatched dispatched = dispatched(work, first);
    RequestId atOnce = accept("once", 0);
    assertThat(attachedTo(atOnce)).isEqualTo(first.toString());

    Backbone.kill(router);
    RequestId meanwhile = accept("once", 0);
    RequestId otherBody = accept("once", 1);
    router = backbone.process(RouterApp.class, state.resolve("router"));
    assertThat(attachedTo(meanwhile)).isEqualTo(first.toString());
    assertThat(((Rejected) decision(otherBody).getEvent()).getCode())
        .isEqualTo("idempotency_conflict");
    Attempt attempt =
        new Attempt(dispatched.getAttempt(), "east", Samples.MODEL, dispatched.getUpstreamModel());
    backbone.report(Samples.started(first, attempt, 1, "w", Instant.now()));
    backbone.report(Samples.succeeded(first, attempt, 1, "w", Instant.now()));
    ended(first);

    Backbone.kill(router);
    router = backbone.process(RouterApp.class, state.resolve("router"));
    RequestId afterwards = accept("once", 0);
    assertThat(attachedTo(afterwards)).isEqualTo(first.toString());

    RequestId unrelated = accept("another", 0);
    dispatched(work, unrelated);
    assertThat(work.values())
        .extracting(AttemptDispatched::getRequestId)
        .containsOnly(first.toString(), unrelated.toString());
    assertThat(ended(afterwards).getErrorCode()).isEqualTo("idempotent_repeat");
    assertThat(ended(afterwards).getBilled()).isNull();
    Backbone.kill(router);
  }

  private RequestId accept(String key, int body) throws Exception {
    RequestId id = RequestId.of(Instant.now(), random.nextInt(16), random);
    backbone.accept(
        Samples.underKey(Samples.request(id, Samples.MODEL, Duration.ofMinutes(5)), key, body));
    return id;
  }

  private String attachedTo(RequestId id) {
    return ((Attached) decision(id).getEvent()).getRequestId();
  }

  private Reply decision(RequestId id) {
    return first(replies, reply -> reply.getRequestId().equals(id.toString()));
  }

  private static AttemptDispatched dispatched(TopicReader<AttemptDispatched> work, RequestId id) {
    return first(work, dispatch -> dispatch.getRequestId().equals(id.toString()));
  }

  private RequestFinished ended(RequestId id) {
    return first(outcomes, outcome -> outcome.getRequestId().equals(id.toString()));
  }

  private static <T extends SpecificRecord> T first(TopicReader<T> reader, Predicate<T> wanted) {
    return reader.until(all -> all.stream().anyMatch(wanted)).stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow();
  }
}
