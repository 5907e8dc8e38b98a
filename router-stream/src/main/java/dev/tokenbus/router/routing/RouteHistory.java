package dev.tokenbus.router.routing;

import java.util.List;
import java.util.Set;

/**
 * What a request's earlier attempts tell about its routes.
 *
 * @param tried labels of the routes that attempts have taken
 * @param refusedBy names of the providers that refused the request for good
 * @param failures number of attempts that failed
 */
public record RouteHistory(List<String> tried, Set<String> refusedBy, int failures) {
  public RouteHistory {
    tried = List.copyOf(tried);
    refusedBy = Set.copyOf(refusedBy);
  }
}
