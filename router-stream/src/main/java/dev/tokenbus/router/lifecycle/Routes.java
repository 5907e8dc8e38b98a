package dev.tokenbus.router.lifecycle;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ways to serve a model whose providers are known, in the order of preference. */
record Routes(List<Route> known) {

  /** Empty where the catalogue does not know the model. */
  static Optional<Routes> of(Catalogue catalogue, String model) {
    return catalogue.model(model).map(entry -> of(catalogue, entry));
  }

  private static Routes of(Catalogue catalogue, ModelEntry model) {
    return new Routes(
        model.getRoutes().stream()
            .filter(route -> catalogue.provider(route.getProvider()).isPresent())
            .map(Route::of)
            .toList());
  }

  /** The first that the request has not taken yet. */
  Optional<Route> untried(Request request) {
    return known.stream().filter(route -> !request.tried().contains(route.label())).findFirst();
  }

  /** One to take once more: not of a provider that refuses the request for good. */
  Optional<Route> again(Request request) {
    List<Route> willing = known.stream().filter(route -> !refused(request, route)).toList();
    return willing.isEmpty()
        ? Optional.empty()
        : Optional.of(willing.get(request.failures() % willing.size()));
  }

  /**
   * @param wanted the route to take if it is still there
   */
  Optional<Route> next(Request request, @Nullable Route wanted) {
    if (wanted != null && known.contains(wanted)) {
      return Optional.of(wanted);
    }
    return untried(request).or(() -> again(request));
  }

  private static boolean refused(Request request, Route route) {
    return request.outcome().getUnbilled().stream()
        .anyMatch(attempt ->
            attempt.getProvider().equals(route.provider())
                && attempt.getErrorCode() != null
                && !ErrorCode.of(attempt.getErrorCode()).retryable());
  }
}
