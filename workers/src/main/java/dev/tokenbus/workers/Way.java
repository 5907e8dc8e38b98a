package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Continuation;

/** One way to ask a provider for an answer, or for what is missing of one. */
sealed interface Way {
  ChatRequest body();

  Continuation continuation();

  /** The client has been given nothing: an ordinary call. */
  record Fresh(ChatRequest body) implements Way {
    @Override
    public Continuation continuation() {
      return Continuation.FRESH;
    }
  }

  /** The model goes on from the text it had begun. */
  record Prefill(ChatRequest body) implements Way {
    @Override
    public Continuation continuation() {
      return Continuation.PREFILL;
    }
  }

  /** The answer is made again, and swallowed as long as it repeats what was delivered. */
  record Repeat(ChatRequest body, RepeatFilter filter) implements Way {
    @Override
    public Continuation continuation() {
      return Continuation.REPEAT;
    }
  }

  /** The model is told in words to go on where the answer stopped. Nothing checks that it does. */
  record Instruct(ChatRequest body) implements Way {
    @Override
    public Continuation continuation() {
      return Continuation.INSTRUCTION;
    }
  }
}
