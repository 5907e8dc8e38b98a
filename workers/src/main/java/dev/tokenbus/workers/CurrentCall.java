package dev.tokenbus.workers;

import dev.tokenbus.workers.provider.Call;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The call that runs now, of those that an attempt makes one after the other. A call may have ended
 * and led to the next before the one who started it holds it in hand.
 *
 * <p>Thread-safe.
 */
final class CurrentCall {
  private int made;
  private @Nullable Call running;
  private boolean cancelled;

  /**
   * Breaks off the call that runs, if any, and starts another, unless {@link #cancel} was called.
   */
  void make(Supplier<Call> start) {
    int number;
    Call before;
    synchronized (this) {
      if (cancelled) {
        return;
      }
      number = ++made;
      before = running;
      running = null;
    }
    if (before != null) {
      before.cancel();
    }
    Call started = start.get();
    boolean wanted;
    synchronized (this) {
      wanted = number == made && !cancelled;
      if (wanted) {
        running = started;
      }
    }
    if (!wanted) {
      started.cancel();
    }
  }

  /** Breaks off the call that runs, if any; no other is made from now on. */
  void cancel() {
    Call last;
    synchronized (this) {
      cancelled = true;
      last = running;
      running = null;
    }
    if (last != null) {
      last.cancel();
    }
  }
}
