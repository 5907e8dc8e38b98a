package dev.tokenbus.router.routing;

import dev.tokenbus.schemas.avro.ModelRoute;

/**
 * A provider that serves a model.
 *
 * @param provider its name in the catalogue
 * @param upstreamModel the model as the provider knows it
 */
public record Route(String provider, String upstreamModel) {
  static Route of(ModelRoute route) {
    return new Route(route.getProvider(), route.getModel());
  }

  /** The route's name among those that a request has tried. */
  public String label() {
    return provider + "/" + upstreamModel;
  }
}
