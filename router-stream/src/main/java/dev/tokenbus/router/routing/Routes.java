package dev.tokenbus.router.routing;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ModelEntry;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a model whose providers are in the catalogue, in the model's order of preference.
 *
 * @param known the routes
 */
public record Routes(List<Route> known) {
  public Routes {
    known = List.copyOf(known);
  }

  /** Empty where the catalogue does not hold the model. */
  public static Optional<Routes> of(Catalogue catalogue, String model) {
    return catalogue.model(model).map(entry -> of(catalogue, entry));
  }

  private static Routes of(Catalogue catalogue, ModelEntry model) {
    return new Routes(
        model.getRoutes().stream()
            .filter(route -> catalogue.provider(route.getProvider()).isPresent())
            .map(Route::of)
            .toList());
  }

  /** The first route that the request has not tried. */
  public Optional<Route> untried(RouteHistory history) {
    return known.stream().filter(route -> !history.tried().contains(route.label())).findFirst();
  }

  /** A route to try once more; never one whose provider refuses the request for good. */
  public Optional<Route> again(RouteHistory history) {
    List<Route> willing =
        known.stream().filter(route -> !history.refusedBy().contains(route.provider())).toList();
    return willing.isEmpty()
        ? Optional.empty()
        : Optional.of(willing.get(history.failures() % willing.size()));
  }

  /**
   * The route of the next attempt; empty where none is left.
   *
   * @param wanted the route to take if the model still has it
   */
  public Optional<Route> next(RouteHistory history, @Nullable Route wanted) {
    if (wanted != null && known.contains(wanted)) {
      return Optional.of(wanted);
    }
    return untried(history).or(() -> again(history));
  }
}
