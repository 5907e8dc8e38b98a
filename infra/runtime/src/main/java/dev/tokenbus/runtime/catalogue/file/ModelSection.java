package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.schemas.avro.DeploymentEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads {@code models.<name>}: an alias that names routes over deployments. What the file says of
 * all the model's deployments and not of the model itself is put into the model's entry, too, since
 * 0.1.0 reads no deployments.
 */
final class ModelSection {
  private static final long MOST_WEIGHT = 1_000_000;

  private final Names names;
  private final Map<String, DeploymentEntry> deployments;
  private final Instant appliedAt;
  private final Consumer<String> warnings;

  /**
   * @param deployments by {@code provider/model}
   */
  ModelSection(
      Names names,
      Map<String, DeploymentEntry> deployments,
      Instant appliedAt,
      Consumer<String> warnings) {
    this.names = names;
    this.deployments = deployments;
    this.appliedAt = appliedAt;
    this.warnings = warnings;
  }

  /** Empty if the section names no usable route; every problem is reported. */
  Optional<ModelEntry> read(String name, CatalogueSection section) {
    List<ModelRoute> routes = routes(name, section);
    ModelEntry.Builder model =
        ModelEntry.newBuilder()
            .setName(name)
            .setRoutes(routes)
            .setCapabilities(
                section.has("capabilities") ? section.texts("capabilities") : commonWords(routes))
            .setCreated(appliedAt);
    section.declare("capabilities");
    section
        .positive("context-window", DeploymentSection.MOST_TOKENS)
        .or(() -> least(routes, DeploymentEntry::getContextWindow))
        .ifPresent(model::setContextWindow);
    section
        .positive("max-output", DeploymentSection.MOST_TOKENS)
        .or(() -> least(routes, DeploymentEntry::getMaxOutputTokens))
        .ifPresent(model::setMaxOutputTokens);
    PolicySection.strategy(section).ifPresent(model::setStrategy);
    names.reference(Names.Kind.POLICY, section, "policy").ifPresent(model::setPolicy);
    NotYet.warn(section, warnings, "strategy");
    return routes.isEmpty() ? Optional.empty() : Optional.of(model.build());
  }

  private List<ModelRoute> routes(String name, CatalogueSection section) {
    List<ModelRoute> routes = new ArrayList<>();
    if (section.has("routes")) {
      for (CatalogueSection route : section.mappings("routes")) {
        int weight = route.positive("weight", MOST_WEIGHT).map(Long::intValue).orElse(1);
        NotYet.warn(route, warnings, "weight");
        route(name, route, weight).ifPresent(routes::add);
        route.finish();
      }
      for (String key : List.of("provider", "model")) {
        if (section.literal(key).isPresent()) {
          section.fail(key, "stands beside routes: give one or the other");
        }
      }
      if (routes.isEmpty()) {
        section.fail("routes", "names no usable route");
      }
    } else {
      route(name, section, 1).ifPresent(routes::add);
    }
    return routes;
  }

  private Optional<ModelRoute> route(String modelName, CatalogueSection section, int weight) {
    String model = section.text("model").orElse(modelName);
    return section.requireKeys("provider")
        ? names
            .reference(Names.Kind.PROVIDER, section, "provider")
            .map(provider -> new ModelRoute(provider, model, weight))
        : Optional.empty();
  }

  /** What every one of the deployments can, where the file says so of each. */
  private List<String> commonWords(List<ModelRoute> routes) {
    Set<String> common = null;
    for (ModelRoute route : routes) {
      DeploymentEntry deployment = deployments.get(route.getProvider() + "/" + route.getModel());
      Set<String> words = new LinkedHashSet<>();
      if (deployment != null) {
        words.addAll(Objects.requireNonNullElse(deployment.getCapabilities(), List.of()));
        words.addAll(Objects.requireNonNullElse(deployment.getContinuation(), List.of()));
      }
      if (common == null) {
        common = words;
      } else {
        common.retainAll(words);
      }
    }
    return common == null ? List.of() : List.copyOf(common);
  }

  private Optional<Long> least(List<ModelRoute> routes, Function<DeploymentEntry, Long> value) {
    List<Long> values = new ArrayList<>();
    for (ModelRoute route : routes) {
      DeploymentEntry deployment = deployments.get(route.getProvider() + "/" + route.getModel());
      Long known = deployment == null ? null : value.apply(deployment);
      if (known == null) {
        return Optional.empty();
      }
      values.add(known);
    }
    return values.stream().min(Long::compare);
  }
}
