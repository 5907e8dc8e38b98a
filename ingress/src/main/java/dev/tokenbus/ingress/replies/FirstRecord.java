package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the first record of a request's replies says of the request.
 *
 * @param deadline when the request fails if it has not ended; null where the record does not say
 */
public record FirstRecord(Rendering rendering, @Nullable Instant deadline) {
  /** Empty if the reply cannot be a request's first one. */
  static Optional<FirstRecord> of(Reply reply) {
    return switch (reply.getEvent()) {
      case Admitted admitted ->
          Optional.of(new FirstRecord(admitted.getRendering(), admitted.getDeadline()));
      case Rejected rejected -> Optional.of(new FirstRecord(rejected.getRendering(), null));
      case Attached attached -> Optional.of(new FirstRecord(attached.getRendering(), null));
      case Opened opened ->
          Optional.ofNullable(opened.getRendering())
              .map(rendering -> new FirstRecord(rendering, null));
      case null, default -> Optional.empty();
    };
  }
}
