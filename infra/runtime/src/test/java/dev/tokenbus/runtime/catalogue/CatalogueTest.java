package dev.tokenbus.runtime.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.ProviderEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  @Test
  void findsEntriesByWhatTheAppsKnow() {
    Catalogue catalogue =
        catalogue(
            ProviderEntry.newBuilder().setName("openai").setDialect("openai").build(),
            model("b"),
            model("a"),
            ApiKeyEntry.newBuilder().setTenant("acme").setName("web").setSha256("ab").build());

    assertThat(catalogue.provider("openai")).isPresent();
    assertThat(catalogue.models()).extracting(ModelEntry::getName).containsExactly("a", "b");
    assertThat(catalogue.key("ab")).map(ApiKeyEntry::getTenant).contains("acme");
    assertThat(catalogue.key("AB")).isEmpty();
    assertThat(catalogue.model("c")).isEmpty();
  }

  @Test
  void keysOfTwoTenantsDoNotCollide() {
    Map<String, CatalogueEntry> entries =
        Stream.of("acme", "bolt")
            .map(tenant ->
                entry(
                    ApiKeyEntry.newBuilder()
                        .setTenant(tenant)
                        .setName("web")
                        .setSha256(tenant)
                        .build()))
            .collect(Collectors.toMap(Catalogue::keyOf, entry -> entry));

    assertThat(entries).containsOnlyKeys("key/acme/web", "key/bolt/web");
    assertThat(Catalogue.of(entries).key("bolt")).map(ApiKeyEntry::getTenant).contains("bolt");
  }

  private static Catalogue catalogue(Object... entries) {
    return Catalogue.of(
        Stream.of(entries)
            .map(CatalogueTest::entry)
            .collect(Collectors.toMap(Catalogue::keyOf, entry -> entry)));
  }

  private static CatalogueEntry entry(Object entry) {
    return new CatalogueEntry(Instant.EPOCH, entry, "file");
  }

  private static ModelEntry model(String name) {
    return ModelEntry.newBuilder()
        .setName(name)
        .setRoutes(List.of(new ModelRoute("openai", name, 1)))
        .setCreated(Instant.EPOCH)
        .build();
  }
}
