package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How an attempt goes on from what the client has been given. */
sealed interface TakeOver {
  /**
   * The provider is to be asked.
   *
   * @param ways at least one; each is for when the one before it came to nothing
   */
  record Ask(List<Way> ways) implements TakeOver {}

  /** The answer is complete already, and only its end was not reported. */
  record Complete(Completed completed, @Nullable String finishReason) implements TakeOver {}

  /** The request has ended otherwise: it failed for good, or was refused. */
  record Over() implements TakeOver {}

  /** All output was delivered, and only the last record is missing. */
  record LastRecordMissing(@Nullable String finishReason) implements TakeOver {}

  /** Chooses what to do. */
  static TakeOver of(Delivered delivered, ChatRequest body, Abilities abilities) {
    if (delivered.completed() != null) {
      return new Complete(delivered.completed(), delivered.finishReason());
    }
    if (delivered.ended()) {
      return new Over();
    }
    if (delivered.isEmpty()) {
      return new Ask(List.of(new Way.Fresh(body)));
    }
    Integer candidates = body.getSampling().getCandidates();
    int choices = candidates == null ? 1 : Math.max(1, candidates);
    if (delivered.allFinished(choices)) {
      return new LastRecordMissing(delivered.finishReason());
    }
    Optional<String> text = ContinuedRequest.onlyText(delivered.deltas(), choices);
    List<Way> ways = new ArrayList<>(3);
    if (abilities.prefill()) {
      text.filter(ContinuedRequest::canBePrefilled)
          .ifPresent(begun -> ways.add(new Way.Prefill(ContinuedRequest.prefilled(body, begun))));
    }
    ways.add(new Way.Repeat(body, new RepeatFilter(delivered.deltas())));
    if (abilities.instruction() && ContinuedRequest.canBeInstructed(body)) {
      text.ifPresent(begun -> ways.add(new Way.Instruct(ContinuedRequest.instructed(body, begun))));
    }
    return new Ask(List.copyOf(ways));
  }
}
