package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Reply;

/** Renders the visible records of one request as a response in one piece. Not thread-safe. */
public interface DocumentRenderer {
  /** Takes the next visible record. */
  void add(Reply reply);

  /** The body as JSON in UTF-8. Call it once the request has completed. */
  byte[] body();
}
