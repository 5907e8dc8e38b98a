package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Route;
import io.javalin.http.Context;

/** Serves requests that are submitted to a model, whatever their dialect. Thread-safe. */
@FunctionalInterface
public interface SubmitHandler {
  /**
   * Returns when the response has been written.
   *
   * @throws dev.tokenbus.ingress.protocol.ProblemException if the request fails before its response
   *     has begun
   */
  void submit(Context context, Dialect dialect, Route.Submit route) throws Exception;
}
