package dev.tokenbus.router.processing;

import dev.tokenbus.router.store.UnreadableStateException;
import dev.tokenbus.schemas.RequestId;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests whose state a newer version has written so that this one cannot read it. Their entries
 * stay as they are, and go on when a version that reads them has the task: by then the reply log
 * tells what has become of them.
 *
 * <p>Not thread-safe.
 */
final class ParkedRequests {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedRequests.class);
  private static final int REMEMBERED = 10_000;

  private final Set<RequestId> logged = new LinkedHashSet<>();

  void park(RequestId id, UnreadableStateException reason) {
    if (logged.size() < REMEMBERED && logged.add(id)) {
      LOG.atWarn()
          .addKeyValue("request_id", id)
          .addKeyValue("parked", logged.size())
          .setCause(reason)
          .log("request is parked: a newer version has written its state");
    }
  }

  /** The number of requests seen so far. */
  int count() {
    return logged.size();
  }
}
