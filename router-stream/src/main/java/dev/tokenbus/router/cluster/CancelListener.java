package dev.tokenbus.router.cluster;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;

/** Hears that requests are to be cancelled. */
@FunctionalInterface
public interface CancelListener {
  /** Takes a command; called on the follower's thread, possibly more than once per command. */
  void cancelled(RequestId request, Cancel cancel);
}
