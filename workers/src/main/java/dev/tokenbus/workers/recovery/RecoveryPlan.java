package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.chat.TokenEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How an attempt continues the answer of which the client has a prefix. */
public sealed interface RecoveryPlan {
  /**
   * The provider is called.
   *
   * @param strategies at least one; each is tried when the one before it has failed
   */
  record Ask(List<ContinuationStrategy> strategies) implements RecoveryPlan {}

  /** The answer is complete already, and only its end was not reported. */
  record Complete(Completed completed, @Nullable String finishReason) implements RecoveryPlan {}

  /** The request has ended otherwise: it failed for good, or was refused. */
  record Over() implements RecoveryPlan {}

  /** All output was delivered, and only the last record is missing. */
  record LastRecordMissing(@Nullable String finishReason) implements RecoveryPlan {}

  /**
   * Nobody may continue the answer. Never an answer afresh: the client may have been given more
   * than the log still holds.
   */
  record Broken(String reason) implements RecoveryPlan {}

  /** A newer version wrote the stream; a worker of that version can continue it. */
  record Unreadable() implements RecoveryPlan {}

  /** Chooses the plan. */
  static RecoveryPlan of(Delivered delivered, ChatRequest body, Capabilities capabilities) {
    switch (delivered.integrity()) {
      case GAP -> {
        return new Broken("a record of what was delivered is missing in the log");
      }
      case UNREADABLE -> {
        return new Unreadable();
      }
      case WHOLE -> {
        // All that was delivered is known.
      }
    }
    if (delivered.completed() != null) {
      return new Complete(delivered.completed(), delivered.finishReason());
    }
    if (delivered.ended()) {
      return new Over();
    }
    if (delivered.isEmpty()) {
      return new Ask(List.of(new ContinuationStrategy.Fresh(body)));
    }
    int choices = ContinuedRequest.choices(body);
    if (delivered.allFinished(choices)) {
      return new LastRecordMissing(delivered.finishReason());
    }
    if (!capabilities.allowed()) {
      return new Broken("its policy does not allow that it is continued");
    }
    Optional<String> text = ContinuedRequest.onlyText(delivered.deltas(), choices);
    List<ContinuationStrategy> strategies = new ArrayList<>(3);
    if (capabilities.prefill()) {
      text.filter(ContinuedRequest::canBePrefilled)
          .ifPresent(begun ->
              strategies.add(
                  new ContinuationStrategy.Prefill(
                      ContinuedRequest.prefilled(body, begun), TokenEstimate.of(begun))));
    }
    strategies.add(new ContinuationStrategy.Repeat(body, new PrefixFilter(delivered.deltas())));
    if (capabilities.instruction() && ContinuedRequest.canBeInstructed(body)) {
      text.ifPresent(begun ->
          strategies.add(
              new ContinuationStrategy.Instruct(
                  ContinuedRequest.instructed(body, begun),
                  TokenEstimate.of(begun) + TokenEstimate.of(ContinuedRequest.INSTRUCTION))));
    }
    return new Ask(List.copyOf(strategies));
  }
}
