package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.Team;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Reads {@code tenants.<name>} and its keys. Not thread-safe; for one file. */
final class TenantSection {
  private static final long MOST_WEIGHT = 1_000_000;

  private final Names names;
  private final Consumer<String> warnings;
  private final Map<String, String> pathBySha256 = new TreeMap<>();

  TenantSection(Names names, Consumer<String> warnings) {
    this.names = names;
    this.warnings = warnings;
  }

  TenantEntry tenant(String name, CatalogueSection section) {
    TenantEntry.Builder tenant = TenantEntry.newBuilder().setName(name);
    PolicySection.clientGone(section).ifPresent(tenant::setClientGone);
    names.reference(Names.Kind.POLICY, section, "policy").ifPresent(tenant::setPolicy);
    names.reference(Names.Kind.PLAN, section, "plan").ifPresent(tenant::setPlan);
    names.reference(Names.Kind.PRICE_PLAN, section, "price-plan").ifPresent(tenant::setPricePlan);
    section.value("currency", Formats::currency).ifPresent(tenant::setCurrency);
    section.value("time-zone", Formats::zone).ifPresent(tenant::setTimeZone);
    section
        .positive("weight", MOST_WEIGHT)
        .ifPresent(weight -> tenant.setWeight(weight.intValue()));
    LimitsSection.limits(section, "limits").ifPresent(tenant::setLimits);
    PolicySection.cache(section).ifPresent(tenant::setCache);
    tenant.setGuardrails(names.references(Names.Kind.GUARDRAIL, section, "guardrails"));
    Map<String, Team> teams = new TreeMap<>();
    section.each("teams", Names.SIMPLE, (team, own) -> teams.put(team, team(own)));
    tenant.setTeams(teams);
    NotYet.warn(
        section,
        warnings,
        "plan",
        "price-plan",
        "currency",
        "time-zone",
        "weight",
        "limits",
        "cache",
        "guardrails",
        "teams");
    return tenant.build();
  }

  private static Team team(CatalogueSection section) {
    Team.Builder team = Team.newBuilder();
    LimitsSection.limits(section, "limits").ifPresent(team::setLimits);
    return team.build();
  }

  /** Empty if the key has no usable secret; every problem is reported. */
  Optional<ApiKeyEntry> key(String tenant, String name, CatalogueSection section) {
    ApiKeyEntry.Builder key = ApiKeyEntry.newBuilder().setTenant(tenant).setName(name);
    section.text("team").ifPresent(key::setTeam);
    section.text("user").ifPresent(key::setUser);
    PolicySection.clientGone(section).ifPresent(key::setClientGone);
    names.reference(Names.Kind.POLICY, section, "policy").ifPresent(key::setPolicy);
    LimitsSection.limits(section, "limits").ifPresent(key::setLimits);
    key.setGuardrails(names.references(Names.Kind.GUARDRAIL, section, "guardrails"));
    NotYet.warn(section, warnings, "limits", "guardrails");
    return KeySection.sha256(section, warnings)
        .filter(sha256 -> isOnlyHere(sha256, section))
        .map(sha256 -> key.setSha256(sha256).build());
  }

  private boolean isOnlyHere(String sha256, CatalogueSection section) {
    String other = pathBySha256.putIfAbsent(sha256, section.path());
    if (other != null) {
      section.fail(
          section.has("secret") ? "secret" : "sha256",
          "is the same key as " + other + "; each key belongs to one tenant and name");
    }
    return other == null;
  }
}
