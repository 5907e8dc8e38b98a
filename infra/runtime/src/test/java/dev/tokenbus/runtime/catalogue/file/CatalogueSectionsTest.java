package dev.tokenbus.runtime.catalogue.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.Deployment;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.BudgetPeriod;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.GuardrailEntry;
import dev.tokenbus.schemas.avro.Limits;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.PlanEntry;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.PriceEntry;
import dev.tokenbus.schemas.avro.PricePlanEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import dev.tokenbus.schemas.avro.TierEntry;
import dev.tokenbus.schemas.avro.WhenUsed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

/** The sections that came with 0.2.0. */
class CatalogueSectionsTest {
  private static final String SHA = "ab".repeat(32);

  private static final String YAML =
      """
      providers:
        openai:
          dialect: openai
          api-keys: [ "${TOKENBUS_PROVIDER_OPENAI_1}", "${TOKENBUS_PROVIDER_OPENAI_2}" ]
          capacity: { requests-per-minute: 5000, tokens-per-minute: 2000000, streams: 200 }
          region: us
          data: { trains: false }
          deployments:
            gpt-5-mini: { capabilities: [ tools, vision ], context-window: 400000, max-output: 128000, continuation: [ instruction ] }
        other:
          dialect: simulated
          deployments:
            m: { capabilities: [ tools ], context-window: 128000, continuation: [ prefill, instruction ], region: eu, price: openai/gpt-5-mini, data: { zero-retention: true } }
      prices:
        - { provider: openai, model: gpt-5-mini, from: 2026-01-01, usd-per-million: { input: 0.25, cache-read: 0.025, output: 2 } }
      models:
        chat: { routes: [ { provider: openai, model: gpt-5-mini, weight: 3 }, { provider: other, model: m } ], strategy: cheapest, policy: patient }
      tiers: { simple: [ gpt-5-nano ], medium: [ gpt-5-mini ] }
      policies:
        default: { deadline: 10m, client-gone: cancel }
        patient: { max-attempts: 6, max-losses: 0, backoff: 500ms, max-backoff: 20s, continue-streams: true, continue-by-instruction: false, hold-tool-calls: true, timeouts: { first-token: 2m }, tier: simple, hedge-after: 3s, cache: { ttl: 5m } }
      guardrails:
        strict: { checks: [ { kind: personal-data, action: mask, settings: { language: de } } ] }
      price-plans:
        standard: { markup: 20% }
        flat: { usd-per-request: 0.01 }
        steps: { graduated: [ { up-to: 1000000, usd-per-million: 3 }, { usd-per-million: 2 } ] }
      plans:
        pro: { models: [ "*" ], default-model: gpt-5-mini, price-plan: flat, limits: { budgets: [ { tokens: 100000, per: month } ] } }
      tenants:
        acme:
          plan: pro
          price-plan: standard
          currency: EUR
          time-zone: Europe/Berlin
          weight: 2
          policy: patient
          guardrails: [ strict ]
          limits: { requests-per-minute: 100, tokens-per-minute: 50000, streams: 20, budgets: [ { usd: 10, per: day }, { usd: 100, per: month, when-used: degrade } ] }
          cache: { ttl: 5m }
          teams: { growth: { limits: { requests-per-minute: 50 } } }
          keys: { web: { sha256: "SHA", team: growth, user: ann, limits: { requests-per-minute: 10 }, policy: default } }
      """
          .replace("SHA", SHA);

  @Test
  void readsEverySectionOfTheRoutingAndMoneyIssues() {
    CatalogueFile file = parse(YAML);
    Catalogue catalogue = Catalogue.of(file.entries());

    ProviderEntry openai = catalogue.provider("openai").orElseThrow();
    assertThat(openai.getApiKeyVariables())
        .containsExactly("TOKENBUS_PROVIDER_OPENAI_1", "TOKENBUS_PROVIDER_OPENAI_2");
    assertThat(openai.getApiKeyVariable()).isEqualTo("TOKENBUS_PROVIDER_OPENAI_1");
    assertThat(openai.getCapacity().getStreams()).isEqualTo(200);
    ModelEntry chat = catalogue.model("chat").orElseThrow();
    assertThat(chat.getStrategy()).isEqualTo("cheapest");
    List<Deployment> deployments = catalogue.deployments(chat);
    assertThat(deployments).extracting(Deployment::weight).containsExactly(3, 1);
    assertThat(deployments).extracting(Deployment::prefill).containsExactly(false, true);
    assertThat(deployments).extracting(Deployment::price).containsOnly("openai/gpt-5-mini");
    TenantEntry acme = catalogue.tenant("acme").orElseThrow();
    assertThat(acme.getTimeZone()).isEqualTo("Europe/Berlin");
    assertThat(acme.getTeams()).containsOnlyKeys("growth");
    Limits limits = Objects.requireNonNull(acme.getLimits());
    assertThat(limits.getRates().getTokensPerMinute()).isEqualTo(50_000);
    assertThat(limits.getBudgets().get(1).getUsd()).isEqualTo("100");
    assertThat(limits.getBudgets().get(1).getPer()).isEqualTo(BudgetPeriod.MONTH);
    assertThat(limits.getBudgets().get(1).getWhenUsed()).isEqualTo(WhenUsed.DEGRADE);
    PriceEntry price = catalogue.all(PriceEntry.class).getFirst();
    assertThat(price.getValidFrom()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(price.getComponents())
        .extracting(component -> component.getComponent() + "=" + component.getAmount())
        .containsExactly("input=0.25", "cache-read=0.025", "output=2");
    assertThat(catalogue.all(TierEntry.class)).hasSize(2);
    assertThat(catalogue.all(PricePlanEntry.class)).hasSize(3);
    assertThat(catalogue.all(PlanEntry.class).getFirst().getModels()).containsExactly("*");
    assertThat(catalogue.all(GuardrailEntry.class).getFirst().getChecks()).hasSize(1);
    PolicyEntry policy = catalogue.policy("acme", "web", "chat");
    assertThat(policy.getDeadlineMs()).isEqualTo(600_000);
    assertThat(policy.getMaxLosses()).isZero();
    assertThat(policy.getContinueByInstruction()).isFalse();
    assertThat(policy.getFirstTokenTimeoutMs()).isEqualTo(120_000);
    assertThat(policy.getClientGone()).isEqualTo("cancel");
  }

  @Test
  void saysWhatIsOnlyKept() {
    assertThat(parse(YAML).warnings())
        .anyMatch(warning -> warning.startsWith("tenants.acme.limits: is kept"))
        .anyMatch(warning -> warning.startsWith("plans: is kept"))
        .anyMatch(warning -> warning.startsWith("policies.patient.hedge-after: is kept"))
        .noneMatch(warning -> warning.startsWith("policies.patient.max-attempts"));
  }

  @Test
  void warnsOfWhatAPolicySaysInVainAndOfNothingElse() {
    String policy =
        """
        policies:
          all: { max-attempts: 6, max-losses: 0, backoff: 500ms, max-backoff: 20s, deadline: 10m, idempotency: 1h, client-gone: cancel, continue-streams: true, continue-by-instruction: false, hold-tool-calls: true, timeouts: { first-token: 2m }, max-output: 1000, strategy: cheapest, reasoning-effort: low, prompt-template: x, hedge-after: 3s, cache: { ttl: 5m } }
        """;

    assertThat(parse(policy).warnings())
        .allMatch(warning -> warning.contains(": is kept in the catalogue"))
        .extracting(warning -> warning.substring("policies.all.".length(), warning.indexOf(':')))
        .containsExactly(
            "client-gone",
            "hold-tool-calls",
            "strategy",
            "reasoning-effort",
            "prompt-template",
            "hedge-after",
            "cache");
  }

  @Test
  void aModelSaysFor010WhatAllItsDeploymentsCan() {
    ModelEntry chat = Catalogue.of(parse(YAML).entries()).model("chat").orElseThrow();

    assertThat(chat.getCapabilities()).containsExactlyInAnyOrder("tools", "instruction");
    assertThat(chat.getContextWindow()).isEqualTo(128_000);
    assertThat(chat.getMaxOutputTokens()).isNull();
  }

  @Test
  void anAppOf010ReadsOfTheFileAllThatItKnows() throws IOException {
    Schema old = new Schema.Parser().parse(Files.readString(released()));
    Map<String, String> read = new TreeMap<>();
    for (Map.Entry<String, CatalogueEntry> entry : parse(YAML).entries().entrySet()) {
      read.put(entry.getKey(), readBy(old, entry.getValue()));
    }

    assertThat(read)
        .containsEntry("provider/openai", "ProviderEntry")
        .containsEntry("provider/other", "ProviderEntry")
        .containsEntry("model/chat", "ModelEntry")
        .containsEntry("tenant/acme", "TenantEntry")
        .containsEntry("key/acme/web", "ApiKeyEntry")
        .containsEntry("policy/default", "unreadable");
  }

  @Test
  void namesThePathOfEverythingThatIsWrong() {
    assertThat(problems("policies: { p: { max-attemts: 3 } }"))
        .containsExactly(
            "test.yaml:1: policies.p.max-attemts: unknown key; did you mean max-attempts?");
    assertThat(problems("policies: { p: { client-gone: stay, backoff: soon, tier: best } }"))
        .containsExactlyInAnyOrder(
            "test.yaml:1: policies.p.client-gone: \"stay\" is neither continue nor cancel",
            "test.yaml:1: policies.p.backoff: \"soon\" is not a duration: write 500ms, 10s, 2m or"
                + " 1h",
            "test.yaml:1: policies.p.tier: no tier named best; known: none");
    assertThat(problems("tenants: { a: { policy: p, time-zone: Mars, currency: gold } }"))
        .containsExactlyInAnyOrder(
            "test.yaml:1: tenants.a.policy: no policy named p; known: none",
            "test.yaml:1: tenants.a.time-zone: \"Mars\" is not a time zone: write Europe/Berlin",
            "test.yaml:1: tenants.a.currency: \"gold\" is not a currency: write USD");
    assertThat(problems("tenants: { a: { limits: { budgets: [ { per: week }, { usd: -1 } ] } } }"))
        .containsExactlyInAnyOrder(
            "test.yaml:1: tenants.a.limits.budgets[0].usd: give usd or tokens",
            "test.yaml:1: tenants.a.limits.budgets[0].per: \"week\" is none of run, hour, day,"
                + " month, total",
            "test.yaml:1: tenants.a.limits.budgets[1].usd: \"-1\" is negative",
            "test.yaml:1: tenants.a.limits.budgets[1].per: is missing");
    assertThat(
            problems(
                "price-plans: { p: { graduated: [ { usd-per-million: 1 }, { up-to: 5,"
                    + " usd-per-million: 1 } ], markup: 5 } }"))
        .containsExactlyInAnyOrder(
            "test.yaml:1: price-plans.p.graduated: every step but the last has up-to",
            "test.yaml:1: price-plans.p.markup: \"5\" is not a rate: write 20%");
    assertThat(
            problems(
                "providers: { x: { dialect: openai, deployments: { m: { continuation: [ prefil ]"
                    + " } } } }"))
        .containsExactly(
            "test.yaml:1: providers.x.deployments.m.continuation: \"prefil\" is neither prefill"
                + " nor instruction");
    assertThat(
            problems(
                "providers: { x: { dialect: simulated } }\n"
                    + "prices: [ { provider: x, model: m, from: 2026-01-01, usd-each: { images: 1 }"
                    + " }, { provider: x, model: m, from: 2026-01-01, usd-each: { images: 2 } } ]"))
        .containsExactly(
            "test.yaml:2: prices[1].from: is the second price of this provider, model and day");
  }

  @Test
  void warnsOfAProvidersKeyThatWorkersWillNotLookUp() {
    assertThat(
            parse("providers: { x: { dialect: openai, api-key: \"${DB_PASSWORD}\" } }").warnings())
        .anyMatch(warning ->
            warning.contains("DB_PASSWORD") && warning.contains("TOKENBUS_WORKER_KEY_VARIABLES"));
    assertThat(
            parse("providers: { x: { dialect: openai, api-key: \"${OPENAI_API_KEY}\" } }")
                .warnings())
        .isEmpty();
  }

  @Test
  void aKeyHasOnePolicyAndOneOwner() {
    ApiKeyEntry key = Catalogue.of(parse(YAML).entries()).key("acme", "web").orElseThrow();

    assertThat(key.getPolicy()).isEqualTo("default");
    assertThat(key.getTeam()).isEqualTo("growth");
  }

  private static CatalogueFile parse(String yaml) {
    return CatalogueFile.parse("test.yaml", yaml, Map.of(), Instant.EPOCH);
  }

  private static List<String> problems(String yaml) {
    CatalogueFileException[] caught = new CatalogueFileException[1];
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOfSatisfying(CatalogueFileException.class, e -> caught[0] = e);
    return caught[0].problems();
  }

  private static Path released() {
    Path here = Path.of("schemas/released/0.1.0/catalogue-value.avsc");
    return Files.exists(here) ? here : Path.of("../..").resolve(here);
  }

  private static String readBy(Schema old, CatalogueEntry entry) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new SpecificDatumWriter<CatalogueEntry>(CatalogueEntry.getClassSchema()).write(entry, encoder);
    try {
      GenericRecord read =
          new GenericDatumReader<GenericRecord>(CatalogueEntry.getClassSchema(), old)
              .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
      return ((GenericRecord) read.get("entry")).getSchema().getName();
    } catch (AvroRuntimeException e) {
      return "unreadable";
    }
  }
}
