package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The append of a request to the log, until the broker has acknowledged it. A request whose client
 * got an error before the acknowledgement came is cancelled when the acknowledgement comes after
 * all, since the client will try again.
 *
 * <p>Thread-safe.
 */
public final class PendingAppend {
  private enum State {
    SENT,
    ACKNOWLEDGED,
    FAILED,
    ABANDONED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.SENT);
  private final Consumer<ProblemException> refused;
  private final Runnable cancel;

  PendingAppend(Consumer<ProblemException> refused, Runnable cancel) {
    this.refused = refused;
    this.cancel = cancel;
  }

  /** The append of a request that is known to be in the log. */
  public static PendingAppend acknowledged() {
    PendingAppend append = new PendingAppend(problem -> {}, () -> {});
    append.succeeded();
    return append;
  }

  /** Whether the acknowledgement is outstanding. */
  boolean isPending() {
    return state.get() == State.SENT;
  }

  /**
   * Gives up waiting for the acknowledgement.
   *
   * @return false if the producer has just reported success or failure
   */
  boolean abandon() {
    return state.compareAndSet(State.SENT, State.ABANDONED);
  }

  void succeeded() {
    if (!state.compareAndSet(State.SENT, State.ACKNOWLEDGED)) {
      cancel.run();
    }
  }

  void failed(Problem problem) {
    if (state.compareAndSet(State.SENT, State.FAILED)) {
      refused.accept(new ProblemException(problem));
    }
  }
}
