package dev.tokenbus.router.replay;

import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.util.Optional;

/** The bodies of requests, for attempts that are dispatched again. */
public interface RequestBodySource {
  /** Empty where the record cannot be read now. */
  Optional<RequestAccepted> read(LogPosition position);
}
