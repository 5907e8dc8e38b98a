package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Effect;
import dev.tokenbus.router.lifecycle.Predecessor;
import dev.tokenbus.router.lifecycle.Request;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestHeader;
import java.time.Instant;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Turns effects into records of the sinks, and searches for final replies into calls of the log
 * reader.
 *
 * <p>Used by one stream thread at a time.
 */
final class EffectRunner {
  private final ProcessorContext<String, SpecificRecord> context;
  private final Consumer<Effect.FindFinalReply> finder;

  /**
   * @param finder starts the search for a request's final reply
   */
  EffectRunner(
      ProcessorContext<String, SpecificRecord> context, Consumer<Effect.FindFinalReply> finder) {
    this.context = context;
    this.finder = finder;
  }

  /**
   * @param header the request's header where it is at hand: then a dispatch carries the body as the
   *     header does
   */
  void run(Effect effect, @Nullable RequestHeader header, Instant now) {
    switch (effect) {
      case Effect.SendReply send ->
          forward(RouterTopology.REPLIES, send.reply().getRequestId(), send.reply(), now);
      case Effect.Dispatch dispatch -> {
        AttemptDispatched work = work(dispatch, header, now);
        forward(RouterTopology.WORK, work.getRequestId(), work, now);
      }
      case Effect.SendCancel cancel ->
          forward(RouterTopology.CONTROL, cancel.control().getRequestId(), cancel.control(), now);
      case Effect.FindFinalReply find -> finder.accept(find);
      case Effect.PublishOutcome publish ->
          forward(RouterTopology.OUTCOMES, publish.finished().getTenant(), publish.finished(), now);
    }
  }

  private void forward(String sink, String key, SpecificRecord value, Instant now) {
    context.forward(new Record<>(key, value, now.toEpochMilli()), sink);
  }

  private static AttemptDispatched work(
      Effect.Dispatch dispatch, @Nullable RequestHeader header, Instant now) {
    Attempt attempt = dispatch.attempt();
    Request request = dispatch.request();
    RequestFinished known = request.outcome();
    Predecessor predecessor = dispatch.predecessor();
    return AttemptDispatched.newBuilder()
        .setRequestId(known.getRequestId())
        .setTenant(known.getTenant())
        .setKeyId(known.getKeyId())
        .setAttempt(attempt.number())
        .setProvider(attempt.provider())
        .setModel(attempt.model())
        .setUpstreamModel(attempt.upstreamModel())
        .setProtocol(known.getProtocol())
        .setPriority(known.getPriority())
        .setDispatchedAt(now)
        .setDeadline(request.deadline())
        .setTimeouts(dispatch.terms().timeouts())
        .setRepliesFrom(request.form().repliesFrom())
        .setRendering(request.rendering())
        .setTraceparent(request.form().traceparent())
        .setBody(null)
        .setBodyKind(known.getBodyKind())
        .setContent(content(request, header))
        .setLane(known.getLane())
        .setContinuation(dispatch.terms().continuation())
        .setRegion(dispatch.terms().region())
        .setMaxOutputTokens(dispatch.terms().maxOutputTokens())
        .setPredecessorClaim(predecessor == null ? null : predecessor.run().claim())
        .build();
  }

  /** The bytes or the reference that the ingress wrote; otherwise the request's own record. */
  private static Object content(Request request, @Nullable RequestHeader header) {
    Object written = header == null ? null : header.getContent();
    return written == null
        ? new BodyReference(request.record(), request.position().bytes())
        : written;
  }
}
