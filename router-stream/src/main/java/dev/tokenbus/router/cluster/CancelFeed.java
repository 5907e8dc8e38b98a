package dev.tokenbus.router.cluster;

import dev.tokenbus.router.lifecycle.ScopedCancel;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hands the cancel commands of clients and operators to all tasks of this process. A task that
 * comes later gets those of the last minutes too: its former owner may have died before it had
 * acted on them.
 *
 * <p>Thread-safe.
 */
public final class CancelFeed {
  private static final Duration REMEMBERED = Duration.ofMinutes(10);
  private static final int MOST_REMEMBERED = 10_000;

  private record Command(Instant heard, Consumer<CancelListener> telling) {}

  private final InstantSource clock;
  private final Set<CancelListener> listeners = new LinkedHashSet<>();
  private final Deque<Command> recent = new ArrayDeque<>();

  public CancelFeed(InstantSource clock) {
    this.clock = clock;
  }

  /** A task begins to listen. */
  public synchronized void add(CancelListener listener) {
    forgetOld();
    listeners.add(listener);
    recent.forEach(command -> command.telling().accept(listener));
  }

  /** A task has ended. */
  public synchronized void remove(CancelListener listener) {
    listeners.remove(listener);
  }

  /** A command was read. What the router itself or a worker has commanded is not handed on. */
  public synchronized void heard(RequestId request, Cancel cancel) {
    switch (cancel.getReason()) {
      case CLIENT_GONE, OPERATOR, LIMIT -> tell(listener -> listener.cancelled(request, cancel));
      case UNKNOWN, DEADLINE, SUPERSEDED, HEDGE_LOST -> {
        // The router's own commands to workers.
      }
    }
  }

  /** A command about many requests was read; the router itself commands none. */
  public synchronized void heard(ScopedCancel command) {
    tell(listener -> listener.cancelled(command));
  }

  private void tell(Consumer<CancelListener> telling) {
    forgetOld();
    recent.add(new Command(clock.instant(), telling));
    listeners.forEach(telling);
  }

  private void forgetOld() {
    Instant oldest = clock.instant().minus(REMEMBERED);
    while (!recent.isEmpty()
        && (recent.size() > MOST_REMEMBERED || recent.getFirst().heard().isBefore(oldest))) {
      recent.removeFirst();
    }
  }
}
