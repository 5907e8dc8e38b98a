package dev.tokenbus.router.lifecycle;

/**
 * One try to have the request answered.
 *
 * @param number counts from 1
 * @param provider its name in the catalogue
 * @param model as the catalogue names it
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
