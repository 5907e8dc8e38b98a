package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Reply;

/** Collects the visible records of one request into an answer in one piece. Not thread-safe. */
public interface AnswerDocument {
  /** Takes the next visible record. */
  void add(Reply reply);

  /** The answer, as JSON in UTF-8; to be asked for once the request has completed. */
  byte[] body();
}
