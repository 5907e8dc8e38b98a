package dev.tokenbus.ingress.protocol;

import org.jspecify.annotations.Nullable;

/** What an HTTP request says besides its body. Confined to the request's thread. */
public interface RequestHead {
  String method();

  /** The path without the query, decoded. */
  String path();

  /** A header by its name in any case; null if it is absent. */
  @Nullable String header(String name);

  /** The first value of a query parameter; null if it is absent. */
  @Nullable String query(String name);

  /**
   * The value of a parameter in the path of the route that serves the request.
   *
   * @throws IllegalArgumentException if the route has no such parameter
   */
  String pathParameter(String name);
}
