package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.routing.Route;

/**
 * One try to have a provider answer the request.
 *
 * @param number counts from 1
 * @param provider its name in the catalogue
 * @param model its name in the catalogue
 * @param upstreamModel as the provider knows it
 */
public record Attempt(int number, String provider, String model, String upstreamModel) {
  public Attempt {
    if (number < 1) {
      throw new IllegalArgumentException("Attempts count from 1, not " + number);
    }
  }

  Route route() {
    return new Route(provider, upstreamModel);
  }
}
