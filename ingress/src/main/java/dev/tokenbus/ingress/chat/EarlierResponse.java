package dev.tokenbus.ingress.chat;

import dev.tokenbus.schemas.RequestId;
import io.javalin.http.Context;

/** Writes the response of an earlier request to a client whose request repeats it. Thread-safe. */
@FunctionalInterface
public interface EarlierResponse {
  /**
   * Returns when the response has been written.
   *
   * @throws dev.tokenbus.ingress.protocol.ProblemException if there is nothing to be written
   */
  void respond(RequestId earlier, Context context) throws InterruptedException;
}
