package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.util.Optional;

/** Where the bodies of requests are had from when an attempt is dispatched again. */
interface RequestBodies {
  /** Empty where it cannot be read now. */
  Optional<RequestAccepted> read(LogPosition position);
}
