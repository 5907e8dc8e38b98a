package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.DeploymentEntry;
import dev.tokenbus.schemas.avro.PriceEntry;
import dev.tokenbus.schemas.avro.TierEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * Turns the sections of a file into entries; a section is read before those that refer to it. Not
 * thread-safe; for one file.
 */
final class CatalogueReader {
  private final Instant appliedAt;
  private final Map<String, CatalogueEntry> entries = new TreeMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final Names names = new Names();
  private final Map<String, DeploymentEntry> deployments = new TreeMap<>();
  private final TenantSection tenants = new TenantSection(names, warnings::add);

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
    root.each("providers", Names.PROVIDER, this::provider);
    tiers(root);
    root.each("policies", Names.SIMPLE, this::policy);
    ModelSection models = new ModelSection(names, deployments, appliedAt, warnings::add);
    root.each(
        "models", Names.MODEL, (name, section) -> models.read(name, section).ifPresent(this::add));
    root.each("guardrails", Names.SIMPLE, this::guardrail);
    root.each("price-plans", Names.SIMPLE, this::pricePlan);
    root.each("plans", Names.SIMPLE, this::plan);
    for (CatalogueSection price : root.mappings("prices")) {
      PriceSection.price(price, names).ifPresent(entry -> addPrice(price, entry));
    }
    root.each("tenants", Names.SIMPLE, this::tenant);
    NotYet.warn(root, warnings::add, "tiers", "guardrails", "price-plans", "plans", "prices");
    root.finish();
  }

  private void provider(String name, CatalogueSection section) {
    names.add(Names.Kind.PROVIDER, name);
    section.each(
        "deployments",
        Names.MODEL,
        (model, own) -> {
          DeploymentEntry deployment = DeploymentSection.read(name, model, own);
          deployments.put(name + "/" + model, deployment);
          add(deployment);
        });
    ProviderSection.read(name, section, warnings::add).ifPresent(this::add);
  }

  private void tiers(CatalogueSection root) {
    root.mapping("tiers")
        .ifPresent(tiers -> {
          for (String name : tiers.names()) {
            names.add(Names.Kind.TIER, name);
            List<String> models = tiers.texts(name);
            if (!Names.SIMPLE.matcher(name).matches()) {
              tiers.fail(name, "is not a usable name: it must match " + Names.SIMPLE.pattern());
            } else if (models.isEmpty()) {
              tiers.fail(name, "names no model");
            } else {
              add(new TierEntry(name, models));
            }
          }
        });
  }

  private void policy(String name, CatalogueSection section) {
    names.add(Names.Kind.POLICY, name);
    add(PolicySection.read(name, section, names, warnings::add));
  }

  private void guardrail(String name, CatalogueSection section) {
    names.add(Names.Kind.GUARDRAIL, name);
    add(PlanSection.guardrail(name, section));
  }

  private void pricePlan(String name, CatalogueSection section) {
    names.add(Names.Kind.PRICE_PLAN, name);
    add(PriceSection.plan(name, section));
  }

  private void plan(String name, CatalogueSection section) {
    names.add(Names.Kind.PLAN, name);
    add(PlanSection.plan(name, section, names));
  }

  private void tenant(String name, CatalogueSection section) {
    add(tenants.tenant(name, section));
    section.each(
        "keys", Names.SIMPLE, (key, own) -> tenants.key(name, key, own).ifPresent(this::add));
  }

  private void addPrice(CatalogueSection section, PriceEntry price) {
    if (!add(price)) {
      section.fail("from", "is the second price of this provider, model and day");
    }
  }

  /** Whether the entry is the first with its key. */
  private boolean add(SpecificRecord value) {
    CatalogueEntry entry =
        CatalogueEntry.newBuilder().setAppliedAt(appliedAt).setEntry(value).build();
    return entries.put(Catalogue.keyOf(entry), entry) == null;
  }
}
