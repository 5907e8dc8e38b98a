package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An attempt is dispatched or runs, and its worker may decline it in favour of a predecessor. */
sealed interface Declinable extends Live permits Dispatched, Streaming {
  Attempt attempt();

  @Nullable Predecessor predecessor();

  /** The predecessor's worker still writes: its run goes on. */
  default Streaming declined(Predecessor alive, Instant trustUntil) {
    return new Streaming(
        request().found(), alive.attempt(), alive.run(), List.of(), null, trustUntil);
  }

  /**
   * What the worker saw of the predecessor was its last: the next attempt does not look for more of
   * it, and reads what it has left.
   */
  default Admitted declinedTooLate(Instant now) {
    return new Admitted(request(), now, attempt().route(), null, null);
  }
}
