package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Whether a request stands in the log. Nobody knows that of a request whose acknowledgement does
 * not come; when its client is sent away meanwhile, and will try again, the request is cancelled as
 * soon as it turns out to be there.
 *
 * <p>Thread-safe.
 */
final class Acceptance {
  private enum State {
    SENT,
    WRITTEN,
    FAILED,
    ABANDONED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.SENT);
  private final Consumer<ProblemException> refused;
  private final Runnable cancel;

  Acceptance(Consumer<ProblemException> refused, Runnable cancel) {
    this.refused = refused;
    this.cancel = cancel;
  }

  /** That of a request which is known to stand in the log. */
  static Acceptance standing() {
    Acceptance acceptance = new Acceptance(problem -> {}, () -> {});
    acceptance.written();
    return acceptance;
  }

  /** Whether the acknowledgement is still awaited. */
  boolean isPending() {
    return state.get() == State.SENT;
  }

  /**
   * Gives the request up.
   *
   * @return false if the answer has just come
   */
  boolean abandon() {
    return state.compareAndSet(State.SENT, State.ABANDONED);
  }

  void written() {
    if (!state.compareAndSet(State.SENT, State.WRITTEN)) {
      cancel.run();
    }
  }

  void failed(Problem problem) {
    if (state.compareAndSet(State.SENT, State.FAILED)) {
      refused.accept(new ProblemException(problem));
    }
  }
}
