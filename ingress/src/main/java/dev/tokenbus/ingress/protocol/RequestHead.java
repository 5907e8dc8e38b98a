package dev.tokenbus.ingress.protocol;

import org.jspecify.annotations.Nullable;

/** What an HTTP request says besides its body. Confined to the request's thread. */
public interface RequestHead {
  String method();

  /** The path without the query, percent-encoded as it was sent. */
  String path();

  /** A header by its name in any case; null if it is absent. */
  @Nullable String header(String name);

  /** The first value of a query parameter; null if it is absent. */
  @Nullable String query(String name);

  /**
   * The value of a parameter in the path of the route that serves the request, decoded.
   *
   * @throws IllegalArgumentException if the route has no such parameter, or is not chosen yet
   */
  String pathParameter(String name);
}
