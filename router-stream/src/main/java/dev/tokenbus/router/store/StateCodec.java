package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Failure;
import dev.tokenbus.router.lifecycle.Idempotency;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Request;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Gone;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.routing.Route;
import dev.tokenbus.router.state.StoredAccepted;
import dev.tokenbus.router.state.StoredAdmitted;
import dev.tokenbus.router.state.StoredAttempt;
import dev.tokenbus.router.state.StoredCause;
import dev.tokenbus.router.state.StoredClosing;
import dev.tokenbus.router.state.StoredDispatched;
import dev.tokenbus.router.state.StoredEnded;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredFailure;
import dev.tokenbus.router.state.StoredGone;
import dev.tokenbus.router.state.StoredRequest;
import dev.tokenbus.router.state.StoredRoute;
import dev.tokenbus.router.state.StoredRun;
import dev.tokenbus.router.state.StoredStopping;
import dev.tokenbus.router.state.StoredStreaming;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/**
 * Converts the states of a request to stored records and back. Outcome and final reply are stored
 * in the wire format of their topics, so that their schemas evolve through the registry alone.
 *
 * <p>Thread-safe.
 */
public final class StateCodec {
  private final Serde<RequestFinished> outcomes;
  private final Serde<Reply> replies;

  public StateCodec(Serde<RequestFinished> outcomes, Serde<Reply> replies) {
    this.outcomes = outcomes;
    this.replies = replies;
  }

  public StoredEntry stored(RequestState state) {
    return switch (state) {
      case Accepted s ->
          stored(s.request(), new StoredAccepted(s.stream(), s.includeUsage(), s.since(), s.due()));
      case Admitted s ->
          stored(
              s.request(),
              new StoredAdmitted(s.notBefore(), stored(s.again()), stored(s.failure())));
      case Dispatched s ->
          stored(
              s.request(), new StoredDispatched(stored(s.attempt()), s.at(), stored(s.trigger())));
      case Streaming s ->
          stored(
              s.request(), new StoredStreaming(stored(s.attempt()), stored(s.run()), s.rivals()));
      case Stopping s ->
          stored(
              s.request(),
              new StoredStopping(
                  stored(s.attempt()), stored(s.run()), s.until(), storedFailure(s.failure())));
      case Closing s ->
          stored(
              s.request(),
              new StoredClosing(
                  s.since(), s.due(), stored(s.trigger()), storedReply(s.lastReply())));
      case Ended s ->
          stored(
              s.request(),
              new StoredEnded(s.at(), s.due(), stored(s.trigger()), stored(s.lastReply())));
      case Gone s -> new StoredEntry(new StoredGone(s.due(), s.attempts()));
    };
  }

  public RequestState state(RequestId id, StoredEntry entry) {
    return switch (entry.getEntry()) {
      case StoredRequest request -> state(request);
      case StoredGone gone -> new Gone(id, gone.getAttempts(), gone.getUntil());
      case null, default -> throw new IllegalStateException("Not a stored request: " + entry);
    };
  }

  private RequestState state(StoredRequest stored) {
    Request request =
        new Request(
            outcomes.deserializer().deserialize(Topics.OUTCOMES.name(), bytes(stored.getOutcome())),
            stored.getDeadline(),
            new LogPosition(stored.getPartition(), stored.getOffset()),
            stored.getFailures(),
            stored.getLosses(),
            stored.getTried(),
            idempotency(stored));
    return switch (stored.getState()) {
      case StoredAccepted s ->
          new Accepted(request, s.getStream(), s.getIncludeUsage(), s.getSince(), s.getDue());
      case StoredAdmitted s ->
          new Admitted(request, s.getNotBefore(), route(s.getAgain()), failure(s.getFailure()));
      case StoredDispatched s ->
          new Dispatched(request, attempt(s.getAttempt()), s.getAt(), trigger(s.getCause()));
      case StoredStreaming s ->
          new Streaming(request, attempt(s.getAttempt()), run(s.getRun()), s.getRivals());
      case StoredStopping s ->
          new Stopping(
              request,
              attempt(s.getAttempt()),
              run(s.getRun()),
              s.getUntil(),
              presentFailure(s.getFailure()));
      case StoredClosing s ->
          new Closing(
              request, trigger(s.getCause()), s.getSince(), presentReply(s.getReply()), s.getDue());
      case StoredEnded s ->
          new Ended(request, trigger(s.getCause()), s.getAt(), reply(s.getReply()), s.getUntil());
      case null, default ->
          throw new IllegalStateException("Not a stored state: " + stored.getState());
    };
  }

  private StoredEntry stored(Request request, Object state) {
    Idempotency idempotency = request.idempotency();
    return new StoredEntry(
        new StoredRequest(
            request.deadline(),
            request.position().partition(),
            request.position().offset(),
            request.failures(),
            request.losses(),
            request.tried(),
            ByteBuffer.wrap(
                outcomes.serializer().serialize(Topics.OUTCOMES.name(), request.outcome())),
            state,
            idempotency == null ? null : idempotency.key(),
            idempotency == null ? null : IdempotencyCodec.hash(idempotency.bodyHash())));
  }

  private static @Nullable Idempotency idempotency(StoredRequest stored) {
    String key = stored.getIdempotencyKey();
    ByteBuffer hash = stored.getBodyHash();
    return key == null || hash == null ? null : new Idempotency(key, IdempotencyCodec.hash(hash));
  }

  private @Nullable ByteBuffer stored(@Nullable Reply reply) {
    return reply == null ? null : storedReply(reply);
  }

  private ByteBuffer storedReply(Reply reply) {
    return ByteBuffer.wrap(replies.serializer().serialize(Topics.REPLIES.name(), reply));
  }

  private @Nullable Reply reply(@Nullable ByteBuffer stored) {
    return stored == null ? null : presentReply(stored);
  }

  private Reply presentReply(ByteBuffer stored) {
    return replies.deserializer().deserialize(Topics.REPLIES.name(), bytes(stored));
  }

  private static StoredAttempt stored(Attempt attempt) {
    return new StoredAttempt(
        attempt.number(), attempt.provider(), attempt.model(), attempt.upstreamModel());
  }

  private static Attempt attempt(StoredAttempt stored) {
    return new Attempt(
        stored.getNumber(), stored.getProvider(), stored.getModel(), stored.getUpstreamModel());
  }

  private static StoredCause stored(Trigger trigger) {
    return new StoredCause(trigger.attempt(), trigger.claim());
  }

  private static Trigger trigger(StoredCause stored) {
    return new Trigger(stored.getAttempt(), stored.getClaim());
  }

  private static StoredRun stored(Run run) {
    return new StoredRun(run.claim(), run.workerId(), run.workerEpoch());
  }

  private static Run run(StoredRun stored) {
    return new Run(stored.getClaim(), stored.getWorkerId(), stored.getWorkerEpoch());
  }

  private static @Nullable StoredRoute stored(@Nullable Route route) {
    return route == null ? null : new StoredRoute(route.provider(), route.upstreamModel());
  }

  private static @Nullable Route route(@Nullable StoredRoute stored) {
    return stored == null ? null : new Route(stored.getProvider(), stored.getUpstreamModel());
  }

  private static @Nullable StoredFailure stored(@Nullable Failure failure) {
    return failure == null ? null : storedFailure(failure);
  }

  private static StoredFailure storedFailure(Failure failure) {
    return new StoredFailure(
        failure.code(),
        failure.message(),
        failure.param(),
        failure.provider(),
        failure.providerStatus(),
        failure.retryAfterMs());
  }

  private static @Nullable Failure failure(@Nullable StoredFailure stored) {
    return stored == null ? null : presentFailure(stored);
  }

  private static Failure presentFailure(StoredFailure stored) {
    return new Failure(
        stored.getCode(),
        stored.getMessage(),
        stored.getParam(),
        stored.getProvider(),
        stored.getProviderStatus(),
        stored.getRetryAfterMs());
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
