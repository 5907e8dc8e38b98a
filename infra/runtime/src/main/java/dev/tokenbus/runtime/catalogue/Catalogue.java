package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The catalogue at one moment.
 *
 * <p>Immutable and thread-safe.
 */
public final class Catalogue {
  /** A catalogue with nothing in it. */
  public static final Catalogue EMPTY = Catalogue.of(Map.of());

  private final Map<String, ProviderEntry> providers = new TreeMap<>();
  private final Map<String, ModelEntry> models = new TreeMap<>();
  private final Map<String, TenantEntry> tenants = new TreeMap<>();
  private final Map<String, ApiKeyEntry> keysBySha256 = new HashMap<>();

  private Catalogue() {}

  /**
   * Builds the view of the entries.
   *
   * @param entries by their keys on the topic; entries of kinds this version does not know are
   *     passed over
   */
  public static Catalogue of(Map<String, CatalogueEntry> entries) {
    Catalogue catalogue = new Catalogue();
    for (CatalogueEntry entry : entries.values()) {
      switch (entry.getEntry()) {
        case ProviderEntry provider -> catalogue.providers.put(provider.getName(), provider);
        case ModelEntry model -> catalogue.models.put(model.getName(), model);
        case TenantEntry tenant -> catalogue.tenants.put(tenant.getName(), tenant);
        case ApiKeyEntry key -> catalogue.keysBySha256.put(key.getSha256(), key);
        case null, default -> {
          // A newer writer's kind.
        }
      }
    }
    return catalogue;
  }

  /** The key under which an entry stands on the topic. */
  public static String keyOf(CatalogueEntry entry) {
    return switch (entry.getEntry()) {
      case ProviderEntry provider -> "provider/" + provider.getName();
      case ModelEntry model -> "model/" + model.getName();
      case TenantEntry tenant -> "tenant/" + tenant.getName();
      case ApiKeyEntry key -> "key/" + key.getTenant() + "/" + key.getName();
      case null, default ->
          throw new IllegalArgumentException("Not a catalogue entry: " + entry.getEntry());
    };
  }

  public Optional<ProviderEntry> provider(String name) {
    return Optional.ofNullable(providers.get(name));
  }

  public Optional<ModelEntry> model(String name) {
    return Optional.ofNullable(models.get(name));
  }

  public Optional<TenantEntry> tenant(String name) {
    return Optional.ofNullable(tenants.get(name));
  }

  /**
   * Finds a key by its hash.
   *
   * @param sha256 of the key as the client sent it, 64 lower-case hex digits
   */
  public Optional<ApiKeyEntry> key(String sha256) {
    return Optional.ofNullable(keysBySha256.get(sha256));
  }

  /** In the order of their names. */
  public Collection<ProviderEntry> providers() {
    return Collections.unmodifiableCollection(providers.values());
  }

  /** In the order of their names. */
  public Collection<ModelEntry> models() {
    return Collections.unmodifiableCollection(models.values());
  }
}
