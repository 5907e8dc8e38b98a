package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.ModelRoute;

/**
 * A way to serve a model.
 *
 * @param provider its name in the catalogue
 * @param upstreamModel the model as the provider knows it
 */
public record Route(String provider, String upstreamModel) {
  static Route of(ModelRoute route) {
    return new Route(route.getProvider(), route.getModel());
  }

  /** How the route stands among those a request has tried. */
  String label() {
    return provider + "/" + upstreamModel;
  }
}
