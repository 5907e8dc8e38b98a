package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Continuation;

/** One strategy to get an answer, or the missing rest of one, from a provider. */
public sealed interface ContinuationStrategy {
  ChatRequest body();

  Continuation continuation();

  /** Input of the call, in estimated tokens, that is not in the client's own prompt. */
  default long addedTokens() {
    return 0;
  }

  /** The client has been given nothing: an ordinary call. */
  record Fresh(ChatRequest body) implements ContinuationStrategy {
    @Override
    public Continuation continuation() {
      return Continuation.FRESH;
    }
  }

  /** The model continues the text that stands as its own last message. */
  record Prefill(ChatRequest body, long addedTokens) implements ContinuationStrategy {
    @Override
    public Continuation continuation() {
      return Continuation.PREFILL;
    }
  }

  /**
   * The answer is regenerated, and the filter drops it as long as it repeats the delivered prefix.
   */
  record Repeat(ChatRequest body, PrefixFilter filter) implements ContinuationStrategy {
    @Override
    public Continuation continuation() {
      return Continuation.REPEAT;
    }
  }

  /** The model is instructed to go on where the answer stopped. Nothing can check that it does. */
  record Instruct(ChatRequest body, long addedTokens) implements ContinuationStrategy {
    @Override
    public Continuation continuation() {
      return Continuation.INSTRUCTION;
    }
  }
}
