package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands on topics {@code catalogue} and {@code keys} now. Not thread-safe. */
final class CatalogueView {
  private final Map<String, CatalogueEntry> entries = new HashMap<>();
  private final Map<String, ApiKeyRecord> keys = new HashMap<>();

  /** Kept while no key changes, since there may be many. */
  private @Nullable ApiKeys index;

  /** Takes a record of {@code catalogue}; null removes. */
  void entry(String key, @Nullable CatalogueEntry entry) {
    CatalogueEntry before = entry == null ? entries.remove(key) : entries.put(key, entry);
    if (isKey(before) || isKey(entry)) {
      index = null;
    }
  }

  /** Takes an API key from its own topic; null removes. */
  void key(String id, @Nullable ApiKeyRecord key) {
    if (key == null) {
      keys.remove(id);
    } else {
      keys.put(id, key);
    }
    index = null;
  }

  Catalogue snapshot() {
    ApiKeys known = index;
    if (known == null) {
      known = ApiKeys.of(entries.values(), keys.values());
      index = known;
    }
    return Catalogue.of(entries, known);
  }

  private static boolean isKey(@Nullable CatalogueEntry entry) {
    return entry != null && entry.getEntry() instanceof ApiKeyEntry;
  }
}
