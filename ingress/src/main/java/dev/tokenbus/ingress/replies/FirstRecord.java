package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import java.util.Optional;

/** Finds the rendering options in the replies that may be a request's first one. */
final class FirstRendering {
  private FirstRendering() {}

  static Optional<Rendering> of(Reply reply) {
    return switch (reply.getEvent()) {
      case Admitted admitted -> Optional.of(admitted.getRendering());
      case Rejected rejected -> Optional.of(rejected.getRendering());
      case Attached attached -> Optional.of(attached.getRendering());
      case Opened opened -> Optional.ofNullable(opened.getRendering());
      case null, default -> Optional.empty();
    };
  }
}
