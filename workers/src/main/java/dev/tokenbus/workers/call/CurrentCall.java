package dev.tokenbus.workers.call;

import dev.tokenbus.workers.provider.ProviderCall;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The call in flight, of those that a run makes one after the other. A call may have ended and led
 * to the next one before the thread that started it has received its handle.
 *
 * <p>Thread-safe.
 */
public final class CurrentCall {
  private int made;
  private @Nullable ProviderCall running;
  private boolean cancelled;

  /** Cancels the call in flight, if any, and starts another, unless {@link #cancel} was called. */
  public void make(Supplier<ProviderCall> start) {
    int number;
    ProviderCall before;
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
    ProviderCall started = start.get();
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

  /** Cancels the call in flight, if any; no other is made afterwards. */
  public void cancel() {
    ProviderCall last;
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
