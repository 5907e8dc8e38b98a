package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.schemas.avro.GuardrailCheck;
import dev.tokenbus.schemas.avro.GuardrailEntry;
import dev.tokenbus.schemas.avro.PlanEntry;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code plans.<name>} and {@code guardrails.<name>}. */
final class PlanSection {
  private PlanSection() {}

  static PlanEntry plan(String name, CatalogueSection section, Names names) {
    PlanEntry.Builder plan = PlanEntry.newBuilder().setId(name);
    if (section.has("models")) {
      plan.setModels(section.texts("models"));
    }
    section.declare("models");
    section.text("default-model").ifPresent(plan::setDefaultModel);
    LimitsSection.limits(section, "limits").ifPresent(plan::setLimits);
    names.reference(Names.Kind.PRICE_PLAN, section, "price-plan").ifPresent(plan::setPricePlan);
    plan.setGuardrails(names.references(Names.Kind.GUARDRAIL, section, "guardrails"));
    return plan.build();
  }

  static GuardrailEntry guardrail(String name, CatalogueSection section) {
    List<GuardrailCheck> checks = new ArrayList<>();
    for (CatalogueSection check : section.mappings("checks")) {
      GuardrailCheck.Builder read =
          GuardrailCheck.newBuilder().setSettings(check.textMap("settings"));
      check
          .value("direction", Formats.word("input", "output", "both"))
          .ifPresent(read::setDirection);
      boolean complete = check.requireKeys("kind", "action");
      check
          .value("kind", Formats.word("personal-data", "prompt-injection", "topics", "moderation"))
          .ifPresent(read::setKind);
      check.value("action", Formats.word("mask", "refuse", "report")).ifPresent(read::setAction);
      check.finish();
      if (complete && read.hasKind() && read.hasAction()) {
        checks.add(read.build());
      }
    }
    if (checks.isEmpty()) {
      section.fail("checks", "names no check");
    }
    return GuardrailEntry.newBuilder().setId(name).setChecks(checks).build();
  }
}
