package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;

/** Turns the sections of a file into entries. Not thread-safe; for one file. */
final class CatalogueReader {
  /** Part of topic names. */
  private static final Pattern PROVIDER_NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private static final Pattern MODEL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}");
  private static final Pattern TENANT_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final long MOST_TOKENS = 1_000_000_000L;

  private final Instant appliedAt;
  private final Map<String, CatalogueEntry> entries = new TreeMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final Set<String> providers = new TreeSet<>();
  private final Map<String, String> pathBySha256 = new TreeMap<>();

  CatalogueReader(Instant appliedAt) {
    this.appliedAt = appliedAt;
  }

  Map<String, CatalogueEntry> entries() {
    return entries;
  }

  List<String> warnings() {
    return warnings;
  }

  void read(CatalogueSection root) {
    root.each("providers", PROVIDER_NAME, this::provider);
    root.each("models", MODEL_NAME, this::model);
    root.each("tenants", TENANT_NAME, this::tenant);
    root.finish();
  }

  private void provider(String name, CatalogueSection section) {
    // Known even when something else in it is wrong, so that its models are not reported too.
    providers.add(name);
    ProviderSection.read(name, section, warnings::add).ifPresent(this::add);
  }

  private void model(String name, CatalogueSection section) {
    List<ModelRoute> routes = routes(name, section);
    ModelEntry.Builder model =
        ModelEntry.newBuilder()
            .setName(name)
            .setRoutes(routes)
            .setCapabilities(section.texts("capabilities"))
            .setCreated(appliedAt);
    section.positive("context-window", MOST_TOKENS).ifPresent(model::setContextWindow);
    section.positive("max-output", MOST_TOKENS).ifPresent(model::setMaxOutputTokens);
    if (!routes.isEmpty()) {
      add(model.build());
    }
  }

  private List<ModelRoute> routes(String name, CatalogueSection section) {
    List<ModelRoute> routes = new ArrayList<>();
    if (section.has("routes")) {
      for (CatalogueSection route : section.mappings("routes")) {
        route(name, route).ifPresent(routes::add);
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
      route(name, section).ifPresent(routes::add);
    }
    return routes;
  }

  private Optional<ModelRoute> route(String modelName, CatalogueSection section) {
    String model = section.text("model").orElse(modelName);
    return section
        .requiredText("provider")
        .flatMap(provider -> {
          if (providers.contains(provider)) {
            return Optional.of(new ModelRoute(provider, model, 1));
          }
          section.fail(
              "provider",
              "no provider named "
                  + provider
                  + "; known: "
                  + (providers.isEmpty() ? "none" : String.join(", ", providers)));
          return Optional.empty();
        });
  }

  private void tenant(String name, CatalogueSection section) {
    TenantEntry.Builder tenant = TenantEntry.newBuilder().setName(name);
    clientGone(section).ifPresent(tenant::setClientGone);
    add(tenant.build());
    section.each("keys", TENANT_NAME, (keyName, keySection) -> key(name, keyName, keySection));
  }

  private void key(String tenant, String name, CatalogueSection section) {
    ApiKeyEntry.Builder key = ApiKeyEntry.newBuilder().setTenant(tenant).setName(name);
    section.text("team").ifPresent(key::setTeam);
    section.text("user").ifPresent(key::setUser);
    clientGone(section).ifPresent(key::setClientGone);
    KeySection.sha256(section, warnings::add)
        .ifPresent(sha256 -> {
          String other = pathBySha256.putIfAbsent(sha256, section.path());
          if (other == null) {
            add(key.setSha256(sha256).build());
          } else {
            section.fail(
                section.has("secret") ? "secret" : "sha256",
                "is the same key as " + other + "; each key belongs to one tenant and name");
          }
        });
  }

  private static Optional<String> clientGone(CatalogueSection section) {
    return section
        .text("client-gone")
        .filter(value -> {
          boolean valid = value.equals("continue") || value.equals("cancel");
          if (!valid) {
            section.fail("client-gone", "\"" + value + "\" is neither continue nor cancel");
          }
          return valid;
        });
  }

  private void add(SpecificRecord value) {
    CatalogueEntry entry =
        CatalogueEntry.newBuilder().setAppliedAt(appliedAt).setEntry(value).build();
    entries.put(Catalogue.keyOf(entry), entry);
  }
}
