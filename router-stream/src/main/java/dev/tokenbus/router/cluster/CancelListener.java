package dev.tokenbus.router.cluster;

import dev.tokenbus.router.lifecycle.ScopedCancel;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;

/**
 * Hears that requests are to be cancelled. Called on the follower's thread, possibly more than once
 * per command.
 */
public interface CancelListener {
  /** Takes a command about one request. */
  void cancelled(RequestId request, Cancel cancel);

  /** Takes a command about many requests. */
  void cancelled(ScopedCancel command);
}
