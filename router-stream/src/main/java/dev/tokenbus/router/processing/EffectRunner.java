package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Effect;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.time.Instant;
import java.util.Objects;
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
  private final Consumer<RequestId> finder;

  /**
   * @param finder starts the search for a request's final reply
   */
  EffectRunner(ProcessorContext<String, SpecificRecord> context, Consumer<RequestId> finder) {
    this.context = context;
    this.finder = finder;
  }

  /**
   * @param accepted the request's record; a dispatch needs it
   */
  void bringAbout(Effect effect, @Nullable RequestAccepted accepted, Instant now) {
    switch (effect) {
      case Effect.SendReply send ->
          forward(RouterTopology.REPLIES, send.reply().getRequestId(), send.reply(), now);
      case Effect.Dispatch dispatch -> {
        AttemptDispatched work =
            work(dispatch, Objects.requireNonNull(accepted, "a dispatch needs the body"), now);
        forward(RouterTopology.WORK, work.getRequestId(), work, now);
      }
      case Effect.SendCancel cancel ->
          forward(RouterTopology.CONTROL, cancel.control().getRequestId(), cancel.control(), now);
      case Effect.FindFinalReply find -> finder.accept(find.request());
      case Effect.PublishOutcome publish ->
          forward(RouterTopology.OUTCOMES, publish.finished().getTenant(), publish.finished(), now);
    }
  }

  private void forward(String sink, String key, SpecificRecord value, Instant now) {
    context.forward(new Record<>(key, value, now.toEpochMilli()), sink);
  }

  private static AttemptDispatched work(
      Effect.Dispatch dispatch, RequestAccepted accepted, Instant now) {
    Attempt attempt = dispatch.attempt();
    ChatRequest chat = (ChatRequest) accepted.getBody();
    return AttemptDispatched.newBuilder()
        .setRequestId(accepted.getRequestId())
        .setTenant(accepted.getTenant())
        .setKeyId(accepted.getKeyId())
        .setAttempt(attempt.number())
        .setProvider(attempt.provider())
        .setModel(attempt.model())
        .setUpstreamModel(attempt.upstreamModel())
        .setProtocol(accepted.getProtocol())
        .setPriority(accepted.getPriority())
        .setDispatchedAt(now)
        .setDeadline(accepted.getDeadline())
        .setTimeouts(dispatch.timeouts())
        .setRendering(dispatch.request().rendering(chat.getStream(), chat.getIncludeUsage()))
        .setTraceparent(accepted.getTraceparent())
        .setBody(chat)
        .build();
  }
}
