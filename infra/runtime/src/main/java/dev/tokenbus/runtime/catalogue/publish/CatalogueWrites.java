package dev.tokenbus.runtime.catalogue.publish;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns what is to change into records of the two topics. An API key is written where everybody
 * reads it: on {@code catalogue} as long as 0.1.0 may be running, then on {@code keys}; and it is
 * removed wherever else it stands, so that a key that was changed or revoked is so everywhere.
 */
final class CatalogueWrites {
  private static final String KEY_PREFIX = "key/";

  private CatalogueWrites() {}

  static List<ProducerRecord<String, @Nullable SpecificRecord>> records(
      CatalogueTopics present, Map<String, @Nullable CatalogueEntry> writes, int level) {
    List<ProducerRecord<String, @Nullable SpecificRecord>> records = new ArrayList<>();
    writes.forEach((key, entry) -> {
      if (!key.startsWith(KEY_PREFIX)) {
        records.add(catalogue(key, entry));
        return;
      }
      boolean apart = level >= Catalogue.FORMAT_OF_0_2;
      if (entry != null) {
        records.add(apart ? keys(key, entry) : catalogue(key, entry));
      }
      if ((entry == null || apart) && present.oldKeys().containsKey(key)) {
        records.add(catalogue(key, null));
      }
      if ((entry == null || !apart) && present.newKeys().containsKey(key)) {
        records.add(keys(key, null));
      }
    });
    return records;
  }

  static ProducerRecord<String, @Nullable SpecificRecord> catalogue(
      String key, @Nullable CatalogueEntry entry) {
    return new ProducerRecord<>(Topics.CATALOGUE.name(), key, entry);
  }

  /** An API key on the topic of its own. */
  static ProducerRecord<String, @Nullable SpecificRecord> keys(
      String key, @Nullable CatalogueEntry entry) {
    @Nullable ApiKeyRecord record =
        entry == null
            ? null
            : new ApiKeyRecord(
                entry.getAppliedAt(), (ApiKeyEntry) entry.getEntry(), entry.getSource());
    return new ProducerRecord<>(Topics.KEYS.name(), key.substring(KEY_PREFIX.length()), record);
  }
}
