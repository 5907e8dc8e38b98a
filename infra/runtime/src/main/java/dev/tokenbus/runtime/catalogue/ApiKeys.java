package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * All API keys, wherever they stand: on topic {@code keys}, or in the catalogue, where 0.1.0 keeps
 * them. Of a key that stands in both places the one on {@code keys} counts. Immutable.
 */
final class ApiKeys {
  static final ApiKeys NONE = new ApiKeys(Map.of());

  private final Map<String, ApiKeyEntry> byId;
  private final Map<String, ApiKeyEntry> bySha256 = new HashMap<>();

  private ApiKeys(Map<String, ApiKeyEntry> byId) {
    this.byId = byId;
    byId.values().forEach(key -> bySha256.put(key.getSha256(), key));
  }

  static ApiKeys of(Collection<CatalogueEntry> catalogue, Collection<ApiKeyRecord> keys) {
    Map<String, ApiKeyEntry> byId = new HashMap<>();
    for (CatalogueEntry entry : catalogue) {
      if (entry.getEntry() instanceof ApiKeyEntry key) {
        byId.put(EntryKeys.id(key), key);
      }
    }
    keys.forEach(record -> byId.put(EntryKeys.id(record.getKey()), record.getKey()));
    return new ApiKeys(byId);
  }

  Optional<ApiKeyEntry> ofSha256(String sha256) {
    return Optional.ofNullable(bySha256.get(sha256));
  }

  Optional<ApiKeyEntry> named(String tenant, String name) {
    return Optional.ofNullable(byId.get(EntryKeys.id(tenant, name)));
  }
}
