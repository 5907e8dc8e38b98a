package dev.tokenbus.runtime.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of an app, to be closed in the reverse order of their beginning. A part that fails to
 * close does not keep the others open.
 *
 * <p>Thread-safe; closing again does nothing.
 */
public final class Closing implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Adds a part and returns it; it is closed before all that were added earlier. */
  public synchronized <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  @Override
  public void close() {
    for (AutoCloseable part = next(); part != null; part = next()) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.atError()
            .addKeyValue("part", part.getClass().getSimpleName())
            .setCause(e)
            .log("part did not close");
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private synchronized @Nullable AutoCloseable next() {
    return parts.poll();
  }
}
