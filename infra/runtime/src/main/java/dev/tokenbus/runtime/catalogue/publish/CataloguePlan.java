package dev.tokenbus.runtime.catalogue.publish;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What must be written so that the entries of some sources become a target, with entries of other
 * sources left alone. A pure function of both.
 *
 * @param writes records of the topic by key; null removes
 * @param changes the same for people
 */
record CataloguePlan(Map<String, @Nullable CatalogueEntry> writes, CatalogueChanges changes) {

  /**
   * @param current everything on the topic
   * @param target what shall be there; written as the entries of {@code source}
   * @param replaced sources whose other entries are removed
   * @throws CatalogueConflictException if the target would take a key from a source that is not
   *     replaced
   */
  static CataloguePlan of(
      Map<String, CatalogueEntry> current,
      Map<String, CatalogueEntry> target,
      CatalogueSource source,
      Set<CatalogueSource> replaced) {
    Map<String, CatalogueEntry> wanted = new TreeMap<>();
    target.forEach((key, entry) -> wanted.put(key, withSource(entry, source.wireName())));
    keepTenantsOfForeignKeys(current, wanted, replaced);
    refuseForeignKeys(current, wanted, replaced);

    Map<String, @Nullable CatalogueEntry> writes = new TreeMap<>();
    List<String> added = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    wanted.forEach((key, entry) -> {
      CatalogueEntry present = current.get(key);
      if (present == null) {
        added.add(key);
        writes.put(key, entry);
      } else {
        CatalogueEntry stamped = withStampsOf(present, entry);
        if (!stamped.equals(present)) {
          changed.add(key);
          writes.put(
              key, CatalogueEntry.newBuilder(stamped).setAppliedAt(entry.getAppliedAt()).build());
        }
      }
    });
    current.forEach((key, entry) -> {
      if (!wanted.containsKey(key) && isOf(entry, replaced)) {
        removed.add(key);
        writes.put(key, null);
      }
    });
    removed.sort(null);
    return new CataloguePlan(writes, new CatalogueChanges(added, changed, removed));
  }

  /** A tenant whose keys others manage stays, in its plain form, when a file stops naming it. */
  private static void keepTenantsOfForeignKeys(
      Map<String, CatalogueEntry> current,
      Map<String, CatalogueEntry> wanted,
      Set<CatalogueSource> replaced) {
    current.forEach((_, entry) -> {
      if (entry.getEntry() instanceof ApiKeyEntry key && !isOf(entry, replaced)) {
        TenantEntry tenant = TenantEntry.newBuilder().setName(key.getTenant()).build();
        CatalogueEntry kept =
            CatalogueEntry.newBuilder()
                .setAppliedAt(entry.getAppliedAt())
                .setEntry(tenant)
                .setSource(entry.getSource())
                .build();
        String tenantKey = Catalogue.keyOf(kept);
        if (current.containsKey(tenantKey)) {
          wanted.putIfAbsent(tenantKey, kept);
        }
      }
    });
  }

  private static void refuseForeignKeys(
      Map<String, CatalogueEntry> current,
      Map<String, CatalogueEntry> wanted,
      Set<CatalogueSource> replaced) {
    for (Map.Entry<String, CatalogueEntry> candidate : wanted.entrySet()) {
      if (candidate.getValue().getEntry() instanceof ApiKeyEntry key) {
        for (Map.Entry<String, CatalogueEntry> present : current.entrySet()) {
          if (present.getValue().getEntry() instanceof ApiKeyEntry other
              && !isOf(present.getValue(), replaced)
              && (present.getKey().equals(candidate.getKey())
                  || other.getSha256().equals(key.getSha256()))) {
            throw new CatalogueConflictException(
                "tenants."
                    + key.getTenant()
                    + ".keys."
                    + key.getName()
                    + ": "
                    + (present.getKey().equals(candidate.getKey())
                        ? "a key of this name"
                        : "the same key, named "
                            + other.getName()
                            + " of tenant "
                            + other.getTenant()
                            + ",")
                    + " is managed by \"tokenbus "
                    + present.getValue().getSource()
                    + "\"; use another");
          }
        }
      }
    }
  }

  private static boolean isOf(CatalogueEntry entry, Set<CatalogueSource> sources) {
    return sources.stream().anyMatch(source -> source.manages(entry));
  }

  private static CatalogueEntry withSource(CatalogueEntry entry, String source) {
    return CatalogueEntry.newBuilder(entry).setSource(source).build();
  }

  /**
   * The wanted entry with the times of the present one: a model keeps the time at which it was
   * first named.
   */
  private static CatalogueEntry withStampsOf(CatalogueEntry present, CatalogueEntry wanted) {
    CatalogueEntry.Builder stamped =
        CatalogueEntry.newBuilder(wanted).setAppliedAt(present.getAppliedAt());
    if (present.getEntry() instanceof ModelEntry before
        && wanted.getEntry() instanceof ModelEntry after) {
      stamped.setEntry(ModelEntry.newBuilder(after).setCreated(before.getCreated()).build());
    }
    return stamped.build();
  }
}
