package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.DeploymentEntry;
import dev.tokenbus.schemas.avro.FormatEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue at one moment.
 *
 * <p>Immutable and thread-safe.
 */
public final class Catalogue {
  /** What the apps may write where only 0.1.0 is known to read it. */
  public static final int FORMAT_OF_0_1 = 1;

  /** What the apps may write where 0.2.0 reads everything. */
  public static final int FORMAT_OF_0_2 = 2;

  /** A catalogue with nothing in it. */
  public static final Catalogue EMPTY = Catalogue.of(Map.of());

  private final TreeMap<String, Object> entries = new TreeMap<>();
  private final ApiKeys keys;

  private Catalogue(Map<String, CatalogueEntry> entries, ApiKeys keys) {
    this.keys = keys;
    for (CatalogueEntry entry : entries.values()) {
      if (entry.getEntry() != null && !(entry.getEntry() instanceof ApiKeyEntry)) {
        this.entries.put(EntryKeys.of(entry.getEntry()), entry.getEntry());
      }
    }
  }

  /**
   * Builds the view of entries that all stand on topic {@code catalogue}.
   *
   * @param entries by their keys on the topic
   */
  public static Catalogue of(Map<String, CatalogueEntry> entries) {
    return new Catalogue(entries, ApiKeys.of(entries.values(), List.of()));
  }

  static Catalogue of(Map<String, CatalogueEntry> entries, ApiKeys keys) {
    return new Catalogue(entries, keys);
  }

  /** The key under which an entry stands on topic {@code catalogue}. */
  public static String keyOf(CatalogueEntry entry) {
    return EntryKeys.of(entry.getEntry());
  }

  /** The id of an API key, under which it stands on a topic of its own. */
  public static String keyOf(ApiKeyEntry key) {
    return EntryKeys.id(key);
  }

  /** {@link #FORMAT_OF_0_1} or {@link #FORMAT_OF_0_2}, or what a later version has set. */
  public int formatLevel() {
    return entries.get(EntryKeys.FORMAT) instanceof FormatEntry format
        ? format.getLevel()
        : FORMAT_OF_0_1;
  }

  public Optional<ProviderEntry> provider(String name) {
    return Optional.ofNullable((ProviderEntry) entries.get("provider/" + name));
  }

  public Optional<ModelEntry> model(String name) {
    return Optional.ofNullable((ModelEntry) entries.get("model/" + name));
  }

  public Optional<TenantEntry> tenant(String name) {
    return Optional.ofNullable((TenantEntry) entries.get("tenant/" + name));
  }

  /**
   * Finds a key by its hash.
   *
   * @param sha256 of the key as the client sent it, 64 lower-case hex digits
   */
  public Optional<ApiKeyEntry> key(String sha256) {
    return keys.ofSha256(sha256);
  }

  /** Finds a key by its tenant and name. */
  public Optional<ApiKeyEntry> key(String tenant, String name) {
    return keys.named(tenant, name);
  }

  /** In the order of their names. */
  public Collection<ProviderEntry> providers() {
    return all("provider/", ProviderEntry.class);
  }

  /** In the order of their names. */
  public Collection<ModelEntry> models() {
    return all("model/", ModelEntry.class);
  }

  /** The ways to serve a model, in the order of its routes. */
  public List<Deployment> deployments(ModelEntry model) {
    return model.getRoutes().stream()
        .map(route ->
            Deployment.of(
                model,
                route,
                (@Nullable DeploymentEntry)
                    entries.get(EntryKeys.deployment(route.getProvider(), route.getModel())),
                provider(route.getProvider()).orElse(null)))
        .toList();
  }

  /** The way to serve a model by a provider's model; empty if it has no such route. */
  public Optional<Deployment> deployment(ModelEntry model, String provider, String upstreamModel) {
    return deployments(model).stream()
        .filter(deployment ->
            deployment.provider().equals(provider) && deployment.model().equals(upstreamModel))
        .findFirst();
  }

  /**
   * How a request is to be treated: for each field what its key says, else its tenant, its model,
   * the policy named {@code default}. A field that nobody says is null, and the app's settings
   * decide.
   *
   * @param keyName name of the API key within the tenant
   * @param model as the client named it; need not be known
   */
  public PolicyEntry policy(String tenant, String keyName, String model) {
    Optional<ApiKeyEntry> key = key(tenant, keyName);
    Optional<TenantEntry> owner = tenant(tenant);
    List<PolicyEntry> policies = new ArrayList<>();
    key.map(ApiKeyEntry::getClientGone).map(Catalogue::clientGone).ifPresent(policies::add);
    key.map(ApiKeyEntry::getPolicy).flatMap(this::policy).ifPresent(policies::add);
    owner.map(TenantEntry::getPolicy).flatMap(this::policy).ifPresent(policies::add);
    // "continue" is what a tenant has that says nothing, so it does not stand before its model.
    owner
        .map(TenantEntry::getClientGone)
        .filter("cancel"::equals)
        .map(Catalogue::clientGone)
        .ifPresent(policies::add);
    model(model).map(ModelEntry::getPolicy).flatMap(this::policy).ifPresent(policies::add);
    policy(RequestPolicy.DEFAULT).ifPresent(policies::add);
    return RequestPolicy.of(policies);
  }

  /** A policy by its name. */
  public Optional<PolicyEntry> policy(String name) {
    return Optional.ofNullable((PolicyEntry) entries.get("policy/" + name));
  }

  /**
   * All entries of a kind, in the order of their keys: tiers, plans, prices, price plans,
   * guardrails.
   */
  public <T> List<T> all(Class<T> kind) {
    return entries.values().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private <T> List<T> all(String prefix, Class<T> kind) {
    // '0' is the character behind '/'.
    String end = prefix.substring(0, prefix.length() - 1) + '0';
    return entries.subMap(prefix, end).values().stream().map(kind::cast).toList();
  }

  private static PolicyEntry clientGone(String value) {
    return PolicyEntry.newBuilder().setId("").setClientGone(value).build();
  }
}
