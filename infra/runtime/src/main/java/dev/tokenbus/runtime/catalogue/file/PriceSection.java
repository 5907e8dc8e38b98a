package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.schemas.avro.PriceComponent;
import dev.tokenbus.schemas.avro.PriceEntry;
import dev.tokenbus.schemas.avro.PricePlanEntry;
import dev.tokenbus.schemas.avro.PriceStep;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the items of {@code prices}, and {@code price-plans.<name>}. */
final class PriceSection {
  private static final long MILLION = 1_000_000;
  private static final long MOST = 1_000_000_000_000_000L;

  private PriceSection() {}

  /** Empty if something that a price needs is missing; every problem is reported. */
  static Optional<PriceEntry> price(CatalogueSection section, Names names) {
    PriceEntry.Builder price = PriceEntry.newBuilder();
    boolean complete = section.requireKeys("provider", "model", "from");
    Optional<String> provider = names.reference(Names.Kind.PROVIDER, section, "provider");
    Optional<String> model = section.text("model");
    Optional<Instant> from = section.value("from", Formats::day);
    section.text("service-tier").ifPresent(price::setServiceTier);
    List<PriceComponent> components = new ArrayList<>();
    components(section, "usd-per-million", MILLION, components);
    components(section, "usd-each", 1, components);
    if (components.isEmpty()) {
      section.fail("usd-per-million", "names no price");
    }
    section.finish();
    if (!complete || provider.isEmpty() || model.isEmpty() || from.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        price
            .setProvider(provider.get())
            .setModel(model.get())
            .setValidFrom(from.get())
            .setComponents(components)
            .build());
  }

  private static void components(
      CatalogueSection section, String key, long per, List<PriceComponent> components) {
    section
        .mapping(key)
        .ifPresent(prices ->
            prices
                .names()
                .forEach(name ->
                    prices
                        .value(name, Formats::amount)
                        .ifPresent(amount ->
                            components.add(
                                PriceComponent.newBuilder()
                                    .setComponent(name)
                                    .setAmount(amount)
                                    .setPer(per)
                                    .build()))));
  }

  static PricePlanEntry plan(String name, CatalogueSection section) {
    PricePlanEntry.Builder plan = PricePlanEntry.newBuilder().setId(name);
    section.value("markup", Formats::percent).ifPresent(plan::setMarkupPercent);
    section.value("usd-per-request", Formats::amount).ifPresent(plan::setUsdPerRequest);
    section.value("commitment-usd", Formats::amount).ifPresent(plan::setCommitmentUsd);
    plan.setGraduated(steps(section, "graduated"));
    plan.setVolume(steps(section, "volume"));
    return plan.build();
  }

  private static List<PriceStep> steps(CatalogueSection section, String key) {
    List<PriceStep> steps = new ArrayList<>();
    for (CatalogueSection step : section.mappings(key)) {
      PriceStep.Builder read = PriceStep.newBuilder();
      step.positive("up-to", MOST).ifPresent(read::setUpTo);
      if (step.requireKeys("usd-per-million")) {
        step.value("usd-per-million", Formats::amount)
            .ifPresent(amount -> steps.add(read.setUsdPerMillion(amount).build()));
      }
      step.finish();
    }
    for (int i = 0; i < steps.size(); i++) {
      boolean last = i == steps.size() - 1;
      Long upTo = steps.get(i).getUpTo();
      Long before = i == 0 ? null : steps.get(i - 1).getUpTo();
      if (last == (upTo != null)) {
        section.fail(key, "every step but the last has up-to");
        break;
      }
      if (upTo != null && before != null && upTo <= before) {
        section.fail(key, "the steps' up-to must grow");
        break;
      }
    }
    return steps;
  }
}
