package dev.tokenbus.runtime.catalogue.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CataloguePlanTest {
  private static final Instant BEFORE = Instant.parse("2026-11-20T10:00:00Z");
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final String HASH = "a".repeat(64);
  private static final Set<CatalogueSource> FILES =
      Set.of(CatalogueSource.FILE, CatalogueSource.SHIPPED);

  @Test
  void writesNothingWhereNothingHasChanged() {
    Map<String, CatalogueEntry> current =
        after(Map.of(), file(BEFORE, MODEL_A), CatalogueSource.FILE);

    CataloguePlan plan = CataloguePlan.of(current, file(NOW, MODEL_A), CatalogueSource.FILE, FILES);

    assertThat(plan.writes()).isEmpty();
    assertThat(plan.changes().isEmpty()).isTrue();
  }

  @Test
  void addsChangesAndRemoves() {
    Map<String, CatalogueEntry> current =
        after(Map.of(), file(BEFORE, MODEL_A + "  b: { provider: p }\n"), CatalogueSource.FILE);

    CataloguePlan plan =
        CataloguePlan.of(
            current,
            file(NOW, "models:\n  a: { provider: p, model: other }\n  c: { provider: p }\n"),
            CatalogueSource.FILE,
            FILES);

    assertThat(plan.changes().added()).containsExactly("model/c");
    assertThat(plan.changes().changed()).containsExactly("model/a");
    assertThat(plan.changes().removed()).containsExactly("model/b");
    assertThat(plan.writes())
        .containsEntry("model/b", null)
        .containsOnlyKeys("model/a", "model/b", "model/c");
  }

  @Test
  void keepsTheTimeAtWhichAModelWasFirstNamed() {
    Map<String, CatalogueEntry> current =
        after(Map.of(), file(BEFORE, MODEL_A), CatalogueSource.FILE);

    Map<String, CatalogueEntry> changed =
        after(
            current,
            file(NOW, "models:\n  a: { provider: p, model: other }\n"),
            CatalogueSource.FILE);

    CatalogueEntry entry = Objects.requireNonNull(changed.get("model/a"));
    assertThat(((ModelEntry) entry.getEntry()).getCreated()).isEqualTo(BEFORE);
    assertThat(entry.getAppliedAt()).isEqualTo(NOW);
  }

  @Test
  void replacesTheShippedCatalogueByAFile() {
    Map<String, CatalogueEntry> current =
        after(Map.of(), file(BEFORE, MODEL_A), CatalogueSource.SHIPPED);

    Map<String, CatalogueEntry> applied =
        after(current, file(NOW, "models:\n  b: { provider: p }\n"), CatalogueSource.FILE);

    assertThat(applied).containsOnlyKeys("provider/p", "model/b");
    assertThat(applied.values()).allMatch(CatalogueSource.FILE::manages);
  }

  @Test
  void leavesTheKeyOfThisMachineAndItsTenantAlone() {
    Map<String, CatalogueEntry> current =
        after(
            Map.of(), file(BEFORE, own("default")), CatalogueSource.UP, Set.of(CatalogueSource.UP));

    CataloguePlan plan = CataloguePlan.of(current, file(NOW, MODEL_A), CatalogueSource.FILE, FILES);

    assertThat(plan.writes()).containsOnlyKeys("provider/p", "model/a");
  }

  @Test
  void resetsTheTenantOfAForeignKeyWhenAFileStopsNamingIt() {
    Map<String, CatalogueEntry> current =
        after(
            Map.of(), file(BEFORE, own("default")), CatalogueSource.UP, Set.of(CatalogueSource.UP));
    current =
        after(
            current,
            file(BEFORE, "tenants:\n  default: { client-gone: cancel }\n"),
            CatalogueSource.FILE);
    assertThat(clientGone(current)).isEqualTo("cancel");

    Map<String, CatalogueEntry> applied = after(current, file(NOW, MODEL_A), CatalogueSource.FILE);

    assertThat(clientGone(applied)).isEqualTo("continue");
    assertThat(applied).containsKey("key/default/up");
  }

  @Test
  void refusesToTakeAKeyFromSomebodyElse() {
    Map<String, CatalogueEntry> current =
        after(
            Map.of(), file(BEFORE, own("default")), CatalogueSource.UP, Set.of(CatalogueSource.UP));

    assertThatThrownBy(() ->
            CataloguePlan.of(
                current,
                file(NOW, own("default").replace(HASH, "b".repeat(64))),
                CatalogueSource.FILE,
                FILES))
        .isInstanceOf(CatalogueConflictException.class)
        .hasMessage(
            "tenants.default.keys.up: a key of this name is managed by \"tokenbus up\"; use"
                + " another");
    assertThatThrownBy(
            () -> CataloguePlan.of(current, file(NOW, own("acme")), CatalogueSource.FILE, FILES))
        .hasMessage(
            "tenants.acme.keys.up: the same key, named up of tenant default, is managed by"
                + " \"tokenbus up\"; use another");
  }

  private static final String MODEL_A = "models:\n  a: { provider: p }\n";

  private static String clientGone(Map<String, CatalogueEntry> entries) {
    return ((TenantEntry) Objects.requireNonNull(entries.get("tenant/default")).getEntry())
        .getClientGone();
  }

  private static String own(String tenant) {
    return "tenants:\n  " + tenant + ": { keys: { up: { sha256: " + HASH + " } } }\n";
  }

  private static Map<String, CatalogueEntry> file(Instant at, String yaml) {
    String providers =
        yaml.startsWith("models") ? "providers: { p: { dialect: simulated } }\n" : "";
    return CatalogueFile.parse("c.yaml", providers + yaml, Map.of(), at).entries();
  }

  private static Map<String, CatalogueEntry> after(
      Map<String, CatalogueEntry> current,
      Map<String, CatalogueEntry> target,
      CatalogueSource source) {
    return after(current, target, source, FILES);
  }

  private static Map<String, CatalogueEntry> after(
      Map<String, CatalogueEntry> current,
      Map<String, CatalogueEntry> target,
      CatalogueSource source,
      Set<CatalogueSource> replaced) {
    Map<String, CatalogueEntry> result = new HashMap<>(current);
    for (Map.Entry<String, @Nullable CatalogueEntry> write :
        CataloguePlan.of(current, target, source, replaced).writes().entrySet()) {
      CatalogueEntry entry = write.getValue();
      if (entry == null) {
        result.remove(write.getKey());
      } else {
        result.put(write.getKey(), entry);
      }
    }
    return result;
  }
}
