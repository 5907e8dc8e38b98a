package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.DeploymentEntry;
import dev.tokenbus.schemas.avro.FormatEntry;
import dev.tokenbus.schemas.avro.GuardrailEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.PlanEntry;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.PriceEntry;
import dev.tokenbus.schemas.avro.PricePlanEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import dev.tokenbus.schemas.avro.TierEntry;

/** Keys of the catalogue's topics: {@code kind/name} there, {@code tenant/name} on {@code keys}. */
final class EntryKeys {
  static final String FORMAT = "format/level";

  private EntryKeys() {}

  static String of(Object entry) {
    return switch (entry) {
      case ProviderEntry provider -> "provider/" + provider.getName();
      case ModelEntry model -> "model/" + model.getName();
      case TenantEntry tenant -> "tenant/" + tenant.getName();
      case ApiKeyEntry key -> "key/" + id(key);
      case DeploymentEntry deployment ->
          deployment(deployment.getProvider(), deployment.getModel());
      case PolicyEntry policy -> "policy/" + policy.getId();
      case TierEntry tier -> "tier/" + tier.getId();
      case PlanEntry plan -> "plan/" + plan.getId();
      case PriceEntry price -> price(price);
      case PricePlanEntry plan -> "price-plan/" + plan.getId();
      case GuardrailEntry guardrail -> "guardrail/" + guardrail.getId();
      case FormatEntry _ -> FORMAT;
      default -> throw new IllegalArgumentException("Not a catalogue entry: " + entry);
    };
  }

  static String id(ApiKeyEntry key) {
    return id(key.getTenant(), key.getName());
  }

  static String id(String tenant, String name) {
    return tenant + "/" + name;
  }

  static String deployment(String provider, String model) {
    return "deployment/" + provider + "/" + model;
  }

  private static String price(PriceEntry price) {
    String tier = price.getServiceTier();
    return "price/"
        + price.getProvider()
        + "/"
        + price.getModel()
        + "/"
        + price.getValidFrom()
        + (tier == null ? "" : "/" + tier);
  }
}
