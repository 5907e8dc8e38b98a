package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.Idempotency;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Request;
import dev.tokenbus.router.lifecycle.RequestForm;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.router.state.StoredAccepted;
import dev.tokenbus.router.state.StoredAdmitted;
import dev.tokenbus.router.state.StoredClosing;
import dev.tokenbus.router.state.StoredDispatched;
import dev.tokenbus.router.state.StoredEnded;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredRequest;
import dev.tokenbus.router.state.StoredStopping;
import dev.tokenbus.router.state.StoredStreaming;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.kafka.common.errors.SerializationException;
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
      case Accepted s -> stored(s.request(), new StoredAccepted(s.since(), s.due()));
      case Admitted s ->
          stored(
              s.request(),
              new StoredAdmitted(
                  s.notBefore(),
                  PartCodec.stored(s.again()),
                  PartCodec.stored(s.failure()),
                  PartCodec.stored(s.predecessor())));
      case Dispatched s ->
          stored(
              s.request(),
              new StoredDispatched(
                  PartCodec.stored(s.attempt()),
                  s.at(),
                  PartCodec.stored(s.trigger()),
                  PartCodec.stored(s.predecessor())));
      case Streaming s ->
          stored(
              s.request(),
              new StoredStreaming(
                  PartCodec.stored(s.attempt()),
                  PartCodec.stored(s.run()),
                  s.rivals(),
                  PartCodec.stored(s.predecessor()),
                  s.trustUntil()));
      case Stopping s ->
          stored(
              s.request(),
              new StoredStopping(
                  PartCodec.stored(s.attempt()),
                  PartCodec.stored(s.run()),
                  s.until(),
                  PartCodec.storedFailure(s.failure())));
      case Closing s ->
          stored(
              s.request(),
              new StoredClosing(
                  s.since(), s.due(), PartCodec.stored(s.trigger()), storedReply(s.lastReply())));
      case Ended s ->
          stored(
              s.request(),
              new StoredEnded(
                  s.at(), s.due(), PartCodec.stored(s.trigger()), stored(s.lastReply())));
    };
  }

  /**
   * The state that an entry holds.
   *
   * @throws UnreadableStateException if a newer version has written a part of it
   */
  public RequestState state(StoredEntry entry) throws UnreadableStateException {
    try {
      return switch (entry.getEntry()) {
        case StoredRequest request -> state(request);
        case null, default -> throw new IllegalStateException("Not a stored request: " + entry);
      };
    } catch (SerializationException e) {
      throw new UnreadableStateException("A newer version has written a part of the entry", e);
    }
  }

  private RequestState state(StoredRequest stored) {
    Request request =
        new Request(
            outcomes.deserializer().deserialize(Topics.OUTCOMES.name(), bytes(stored.getOutcome())),
            stored.getDeadline(),
            new LogPosition(stored.getPartition(), stored.getOffset(), stored.getBytes()),
            form(stored),
            stored.getFailures(),
            stored.getLosses(),
            stored.getTried(),
            PartCodec.route(stored.getSpoken()),
            idempotency(stored));
    return switch (stored.getState()) {
      case StoredAccepted s -> new Accepted(request, s.getSince(), s.getDue());
      case StoredAdmitted s ->
          new Admitted(
              request,
              s.getNotBefore(),
              PartCodec.route(s.getAgain()),
              PartCodec.failure(s.getFailure()),
              PartCodec.predecessor(s.getPredecessor()));
      case StoredDispatched s ->
          new Dispatched(
              request,
              PartCodec.attempt(s.getAttempt()),
              s.getAt(),
              PartCodec.trigger(s.getCause()),
              PartCodec.predecessor(s.getPredecessor()));
      case StoredStreaming s ->
          new Streaming(
              request,
              PartCodec.attempt(s.getAttempt()),
              PartCodec.run(s.getRun()),
              s.getRivals(),
              PartCodec.predecessor(s.getPredecessor()),
              s.getTrustUntil() == null ? Instant.EPOCH : s.getTrustUntil());
      case StoredStopping s ->
          new Stopping(
              request,
              PartCodec.attempt(s.getAttempt()),
              PartCodec.run(s.getRun()),
              s.getUntil(),
              PartCodec.presentFailure(s.getFailure()));
      case StoredClosing s ->
          new Closing(
              request,
              PartCodec.trigger(s.getCause()),
              s.getSince(),
              presentReply(s.getReply()),
              s.getDue());
      case StoredEnded s ->
          new Ended(
              request,
              PartCodec.trigger(s.getCause()),
              s.getAt(),
              reply(s.getReply()),
              s.getUntil());
      case null, default ->
          throw new IllegalStateException("Not a stored state: " + stored.getState());
    };
  }

  private StoredEntry stored(Request request, Object state) {
    Idempotency idempotency = request.idempotency();
    RequestForm form = request.form();
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
            idempotency == null ? null : IdempotencyCodec.hash(idempotency.bodyHash()),
            form.stream(),
            form.includeUsage(),
            form.options(),
            form.traceparent(),
            form.repliesFrom(),
            form.estimatedInputTokens(),
            request.position().bytes(),
            PartCodec.stored(request.spoken())));
  }

  private static RequestForm form(StoredRequest stored) {
    return new RequestForm(
        stored.getStream(),
        stored.getIncludeUsage(),
        stored.getOptions(),
        stored.getTraceparent(),
        stored.getRepliesFrom(),
        stored.getEstimatedInputTokens());
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

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
