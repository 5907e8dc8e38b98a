package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.schemas.avro.Budget;
import dev.tokenbus.schemas.avro.BudgetPeriod;
import dev.tokenbus.schemas.avro.Capacity;
import dev.tokenbus.schemas.avro.Limits;
import dev.tokenbus.schemas.avro.WhenUsed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads {@code limits} of tenants, teams, keys and plans, and {@code capacity} of providers. */
final class LimitsSection {
  private static final long MOST = 1_000_000_000_000L;

  private LimitsSection() {}

  /** The limits below the key. */
  static Optional<Limits> limits(CatalogueSection section, String key) {
    return section
        .mapping(key)
        .map(limits -> {
          Limits.Builder read =
              Limits.newBuilder().setRates(rates(limits)).setBudgets(budgets(limits));
          limits.positive("burst", MOST).ifPresent(read::setBurst);
          limits.finish();
          return read.build();
        });
  }

  /** The capacity below the key. */
  static Optional<Capacity> capacity(CatalogueSection section, String key) {
    return section
        .mapping(key)
        .map(capacity -> {
          Capacity read = rates(capacity);
          capacity.finish();
          return read;
        });
  }

  private static Capacity rates(CatalogueSection section) {
    Capacity.Builder rates = Capacity.newBuilder();
    section.positive("requests-per-minute", MOST).ifPresent(rates::setRequestsPerMinute);
    section.positive("tokens-per-minute", MOST).ifPresent(rates::setTokensPerMinute);
    section.positive("input-tokens-per-minute", MOST).ifPresent(rates::setInputTokensPerMinute);
    section.positive("output-tokens-per-minute", MOST).ifPresent(rates::setOutputTokensPerMinute);
    section.positive("streams", MOST).ifPresent(rates::setStreams);
    return rates.build();
  }

  private static List<Budget> budgets(CatalogueSection section) {
    List<Budget> budgets = new ArrayList<>();
    for (CatalogueSection budget : section.mappings("budgets")) {
      Budget.Builder read = Budget.newBuilder();
      budget.value("usd", Formats::amount).ifPresent(read::setUsd);
      budget.positive("tokens", MOST).ifPresent(read::setTokens);
      if (!budget.has("usd") && !budget.has("tokens")) {
        budget.fail("usd", "give usd or tokens");
      }
      budget.requireKeys("per");
      budget
          .value("when-used", Formats.word("refuse", "degrade", "pause"))
          .ifPresent(word -> read.setWhenUsed(WhenUsed.valueOf(word.toUpperCase(Locale.ROOT))));
      budget
          .value("per", Formats.word("run", "hour", "day", "month", "total"))
          .ifPresent(word ->
              budgets.add(
                  read.setPer(BudgetPeriod.valueOf(word.toUpperCase(Locale.ROOT))).build()));
      budget.finish();
    }
    return budgets;
  }
}
