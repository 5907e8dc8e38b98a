package dev.tokenbus.router;

import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the parts of an app in reverse order; a part that fails to close does not keep the others
 * open.
 */
final class PartCloser {
  private static final Logger LOG = LoggerFactory.getLogger(PartCloser.class);

  private PartCloser() {}

  static void closeAll(Deque<AutoCloseable> parts) {
    for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.atError().addKeyValue("part", part).setCause(e).log("part did not close");
      }
    }
  }
}
