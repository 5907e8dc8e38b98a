package dev.tokenbus.router.lifecycle;

/**
 * One try to have the request answered.
 *
 * @param number counts from 1
 * @param provider its name in the catalogue
 * @param model as the catalogue names it
 * @param upstreamModel as the provider knows it
 * @param resumes whether earlier attempts may have delivered output from which this one goes on
 */
public record Attempt(
    int number, String provider, String model, String upstreamModel, boolean resumes) {
  public Attempt {
    if (number < 1) {
      throw new IllegalArgumentException("Attempts count from 1, not " + number);
    }
  }

  Route route() {
    return new Route(provider, upstreamModel);
  }
}
