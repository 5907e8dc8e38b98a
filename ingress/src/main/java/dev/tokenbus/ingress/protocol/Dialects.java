package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Protocol;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The dialects of an instance. The first one also answers where no route says which dialect a
 * request speaks. Immutable and thread-safe.
 */
public final class Dialects {
  /** A route with the dialect that it belongs to. */
  public record Served(Dialect dialect, Route route) {}

  private final List<Served> routes;
  private final Map<Protocol, Dialect> byProtocol = new EnumMap<>(Protocol.class);
  private final Dialect first;

  /**
   * Registers dialects.
   *
   * @throws IllegalArgumentException if there is none, or two have one protocol
   */
  public Dialects(List<Dialect> dialects) {
    if (dialects.isEmpty()) {
      throw new IllegalArgumentException("An ingress needs at least one dialect");
    }
    first = dialects.getFirst();
    for (Dialect dialect : dialects) {
      if (byProtocol.put(dialect.protocol(), dialect) != null) {
        throw new IllegalArgumentException("Two dialects have protocol " + dialect.protocol());
      }
    }
    routes =
        dialects.stream()
            .flatMap(dialect -> dialect.routes().stream().map(route -> new Served(dialect, route)))
            .sorted(Comparator.comparing(served -> served.route().claims().equals(Route.UNCLAIMED)))
            .toList();
  }

  /** All routes, those with a condition first. */
  public List<Served> routes() {
    return routes;
  }

  public Optional<Dialect> of(Protocol protocol) {
    return Optional.ofNullable(byProtocol.get(protocol));
  }

  /** The dialect for responses where no route decides. */
  public Dialect fallback() {
    return first;
  }

  /** The dialect that a request speaks as far as its head tells; any method will do. */
  public Dialect speaking(RequestHead head) {
    return find(head, route -> true).map(Served::dialect).orElse(first);
  }

  /** The route that serves a request. */
  public Optional<Served> serving(RequestHead head) {
    return find(head, route -> route.method().equals(head.method()));
  }

  /** The methods that a path takes; empty if no route has it. */
  public Set<String> methods(String path) {
    Set<String> methods = new TreeSet<>();
    for (Served served : routes) {
      if (served.route().path().matches(path)) {
        methods.add(served.route().method());
      }
    }
    return methods;
  }

  private Optional<Served> find(RequestHead head, Predicate<Route> condition) {
    return routes.stream()
        .filter(served -> condition.test(served.route()))
        .filter(served -> served.route().path().matches(head.path()))
        .filter(served -> served.route().claims().test(head))
        .findFirst();
  }
}
