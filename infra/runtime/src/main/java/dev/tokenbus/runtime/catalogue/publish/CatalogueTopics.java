package dev.tokenbus.runtime.catalogue.publish;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.FormatEntry;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * What stands on the catalogue's two topics. Keys are those of topic {@code catalogue} for either,
 * so that a plan need not know where API keys stand.
 *
 * @param entries all of them by key; of an API key that stands on both topics the one on {@code
 *     keys}
 * @param oldKeys the API keys that stand on {@code catalogue}, where 0.1.0 reads them
 * @param newKeys those that stand on {@code keys}
 */
record CatalogueTopics(
    Map<String, CatalogueEntry> entries,
    Map<String, CatalogueEntry> oldKeys,
    Map<String, CatalogueEntry> newKeys) {

  static CatalogueTopics of(Map<String, CatalogueEntry> catalogue, Map<String, ApiKeyRecord> keys) {
    Map<String, CatalogueEntry> oldKeys = new TreeMap<>(catalogue);
    oldKeys.values().removeIf(entry -> !(entry.getEntry() instanceof ApiKeyEntry));
    Map<String, CatalogueEntry> newKeys = new TreeMap<>();
    for (ApiKeyRecord record : keys.values()) {
      CatalogueEntry entry =
          new CatalogueEntry(record.getAppliedAt(), record.getKey(), record.getSource());
      newKeys.put(Catalogue.keyOf(entry), entry);
    }
    Map<String, CatalogueEntry> entries = new TreeMap<>(catalogue);
    entries.putAll(newKeys);
    return new CatalogueTopics(entries, oldKeys, newKeys);
  }

  /** Nothing has ever been put there: nobody older than this version reads it. */
  boolean isFresh() {
    return entries.isEmpty();
  }

  /** What may be written. */
  int formatLevel() {
    return isFresh() ? Catalogue.FORMAT_OF_0_2 : Catalogue.of(entries).formatLevel();
  }

  /** The entry that says the level. */
  static CatalogueEntry format(Instant at) {
    return new CatalogueEntry(
        at, new FormatEntry(Catalogue.FORMAT_OF_0_2), CatalogueSource.SYSTEM.wireName());
  }
}
