package dev.tokenbus.runtime.catalogue.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenbus.runtime.catalogue.KeyHash;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CatalogueFileTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final String KEY = "tb_0123456789abcdef0123456789abcdef";
  private static final Map<String, String> ENVIRONMENT =
      Map.of("ACME_WEB_KEY", KEY, "HOST", "models.example.com", "BLANK", " ", "SHORT", "abc");
  private static final String PROVIDER =
      """
      providers:
        openai: { dialect: openai }
      """;

  @Test
  void readsEverythingThatAProviderCanSay() {
    CatalogueFile file =
        parse(
            """
            providers:
              mine:
                dialect: openai
                base-url: https://${HOST}/v1
                api-key: "${TOKENBUS_PROVIDER_MINE}"
                slots: 12
                timeouts: { connect: 500ms, first-token: 2m, stall: 10s }
                options: { organisation: acme, tier: 1.10 }
            """);

    ProviderEntry provider = entry(file, "provider/mine", ProviderEntry.class);
    assertThat(provider.getBaseUrl()).isEqualTo("https://models.example.com/v1");
    assertThat(provider.getApiKeyVariable()).isEqualTo("TOKENBUS_PROVIDER_MINE");
    assertThat(provider.getSlots()).isEqualTo(12);
    assertThat(provider.getConnectTimeoutMs()).isEqualTo(500);
    assertThat(provider.getFirstTokenTimeoutMs()).isEqualTo(120_000);
    assertThat(provider.getStallTimeoutMs()).isEqualTo(10_000);
    assertThat(provider.getOptions()).isEqualTo(Map.of("organisation", "acme", "tier", "1.10"));
    assertThat(file.warnings()).isEmpty();
  }

  @Test
  void givesAProviderTheDefaultsOfItsDialect() {
    ProviderEntry provider = entry(parse(PROVIDER), "provider/openai", ProviderEntry.class);

    assertThat(provider.getBaseUrl()).isEqualTo("https://api.openai.com/v1");
    assertThat(provider.getApiKeyVariable()).isNull();
    assertThat(provider.getSlots()).isEqualTo(100);
    assertThat(provider.getConnectTimeoutMs()).isEqualTo(10_000);
  }

  @Test
  void readsTheShortFormOfAModel() {
    ModelEntry model =
        entry(
            parse(
                PROVIDER
                    + """
                    models:
                      gpt-4.1: { provider: openai, context-window: 400000, max-output: 128000, capabilities: [tools, vision] }
                    """),
            "model/gpt-4.1",
            ModelEntry.class);

    assertThat(model.getRoutes()).containsExactly(new ModelRoute("openai", "gpt-4.1", 1));
    assertThat(model.getContextWindow()).isEqualTo(400_000);
    assertThat(model.getMaxOutputTokens()).isEqualTo(128_000);
    assertThat(model.getCapabilities()).containsExactly("tools", "vision");
    assertThat(model.getCreated()).isEqualTo(NOW);
  }

  @Test
  void readsRoutesInTheirOrder() {
    ModelEntry model =
        entry(
            parse(
                """
                providers:
                  a: { dialect: simulated }
                  b: { dialect: openai }
                models:
                  fast:
                    routes:
                      - { provider: b, model: gpt-5-nano }
                      - { provider: a }
                """),
            "model/fast",
            ModelEntry.class);

    assertThat(model.getRoutes())
        .containsExactly(new ModelRoute("b", "gpt-5-nano", 1), new ModelRoute("a", "fast", 1));
  }

  @Test
  void storesATenantsKeyAsItsHashOnly() {
    CatalogueFile file =
        parse(
            """
            tenants:
              acme:
                client-gone: cancel
                keys:
                  web: { secret: "${ACME_WEB_KEY}", team: shop, user: ann, client-gone: continue }
                  other: { sha256: 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef }
            """);

    assertThat(entry(file, "tenant/acme", TenantEntry.class).getClientGone()).isEqualTo("cancel");
    ApiKeyEntry web = entry(file, "key/acme/web", ApiKeyEntry.class);
    assertThat(web.getSha256()).isEqualTo(KeyHash.sha256(KEY));
    assertThat(web.getTeam()).isEqualTo("shop");
    assertThat(web.getUser()).isEqualTo("ann");
    assertThat(web.getClientGone()).isEqualTo("continue");
    assertThat(entry(file, "key/acme/other", ApiKeyEntry.class).getSha256())
        .isEqualTo("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    assertThat(file.entries().toString()).doesNotContain(KEY);
  }

  @Test
  void hashesAsSha256sumDoes() {
    assertThat(KeyHash.sha256("abc"))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void usesTheDefaultOfAVariableThatIsNotSet() {
    CatalogueFile file =
        parse(
            """
            providers:
              a: { dialect: openai, base-url: "http://${NOBODY:-127.0.0.1}:9000${BLANK:-}/v1" }
            """);

    assertThat(entry(file, "provider/a", ProviderEntry.class).getBaseUrl())
        .isEqualTo("http://127.0.0.1:9000/v1");
  }

  @Test
  void namesFileLineAndKeyPathOfEveryProblemAtOnce() {
    assertThat(
            problems(
                """
                providers:
                  openai: { dialect: openai, slots: many }
                  simulated: { dialect: simulated }
                models:
                  gpt-5-mini:
                    provider: opena
                """))
        .containsExactly(
            "c.yaml:2: providers.openai.slots: \"many\" is not a whole number from 1 to 100000",
            "c.yaml:6: models.gpt-5-mini.provider: no provider named opena; known: openai,"
                + " simulated");
  }

  @Test
  void suggestsTheKeyThatWasMeant() {
    assertThat(
            problems(
                """
                provider:
                  a: { dialect: openai }
                """))
        .containsExactly("c.yaml:2: provider: unknown key; did you mean providers?");
    assertThat(problems("providers: { a: { dialect: openai, base_url: 'https://x/v1' } }"))
        .containsExactly("c.yaml:1: providers.a.base_url: unknown key; did you mean base-url?");
    assertThat(problems("providers: { a: { dialect: openai, colour: red } }"))
        .containsExactly(
            "c.yaml:1: providers.a.colour: unknown key; known: deployments, dialect, base-url,"
                + " api-key, api-keys, slots, timeouts, options, capacity, region, data");
  }

  @Test
  void refusesSecretsThatStandInTheFileWithoutRepeatingThem() {
    for (String secret : List.of("sk-live", "Bearer ${X}", "${X:-sk-live}", "'$X'")) {
      List<String> problems =
          problems(
              """
              providers:
                a: { dialect: openai, api-key: "%s" }
              tenants:
                t: { keys: { k: { secret: "%s" } } }
              """
                  .formatted(secret, secret));

      assertThat(problems)
          .containsExactly(
              "c.yaml:2: providers.a.api-key: " + KeySection.REFUSAL,
              "c.yaml:4: tenants.t.keys.k.secret: " + KeySection.REFUSAL)
          .noneMatch(problem -> problem.contains("sk-live"));
    }
  }

  @Test
  void namesTheVariableThatIsNotSet() {
    assertThat(
            problems(
                """
                providers:
                  a: { dialect: openai, base-url: "${NOBODY}/v1" }
                tenants:
                  t:
                    keys:
                      k: { secret: "${NOBODY}" }
                      l: { secret: "${BLANK}" }
                """))
        .containsExactly(
            "c.yaml:2: providers.a.base-url: the environment variable NOBODY is not set",
            "c.yaml:6: tenants.t.keys.k.secret: the environment variable NOBODY is not set",
            "c.yaml:7: tenants.t.keys.l.secret: the environment variable BLANK is not set");
  }

  @Test
  void acceptsAProviderKeyThatOnlyTheWorkersKnow() {
    CatalogueFile file =
        parse("providers: { a: { dialect: openai, api-key: '${SET_ONLY_AT_THE_WORKERS}' } }");

    assertThat(entry(file, "provider/a", ProviderEntry.class).getApiKeyVariable())
        .isEqualTo("SET_ONLY_AT_THE_WORKERS");
  }

  @Test
  void refusesOneKeyForTwo() {
    assertThat(
            problems(
                """
                tenants:
                  a: { keys: { k: { secret: "${ACME_WEB_KEY}" } } }
                  b: { keys: { k: { sha256: %s } } }
                """
                    .formatted(KeyHash.sha256(KEY))))
        .containsExactly(
            "c.yaml:3: tenants.b.keys.k.sha256: is the same key as tenants.a.keys.k; each key"
                + " belongs to one tenant and name");
  }

  @Test
  void refusesWhatCannotBeAKey() {
    assertThat(
            problems(
                """
                tenants:
                  a:
                    client-gone: stop
                    keys:
                      both: { secret: "${ACME_WEB_KEY}", sha256: 00 }
                      neither: { team: x }
                      hash: { sha256: 00 }
                """))
        .containsExactly(
            "c.yaml:3: tenants.a.client-gone: \"stop\" is neither continue nor cancel",
            "c.yaml:5: tenants.a.keys.both.secret: give either secret or sha256",
            "c.yaml:6: tenants.a.keys.neither.secret: give either secret or sha256",
            "c.yaml:7: tenants.a.keys.hash.sha256: is not the SHA-256 of a key: 64 hex digits");
  }

  @Test
  void refusesBaseUrlsThatCannotBeCalled() {
    assertThat(
            problems(
                """
                providers:
                  a: { dialect: openai, base-url: models.example.com/v1 }
                  b: { dialect: openai, base-url: "ftp://models.example.com/v1" }
                  c: { dialect: openai, base-url: "https://user:word@models.example.com/v1" }
                  d: { dialect: openai, base-url: "https://models.example.com/v1?key=1" }
                  e: { dialect: openai, base-url: "https://models example.com" }
                """))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("c.yaml:2: providers.a.base-url: "),
            second -> assertThat(second).startsWith("c.yaml:3: providers.b.base-url: "),
            third ->
                assertThat(third)
                    .startsWith("c.yaml:4: providers.c.base-url: carries a credential")
                    .doesNotContain("word"),
            fourth -> assertThat(fourth).startsWith("c.yaml:5: providers.d.base-url: "),
            fifth -> assertThat(fifth).startsWith("c.yaml:6: providers.e.base-url: is not a URL"));
  }

  @Test
  void refusesNamesThatCannotBeUsed() {
    assertThat(
            problems(
                """
                providers:
                  Open_AI: { dialect: openai }
                models:
                  "gpt 5": { provider: x }
                tenants:
                  "": {}
                """))
        .satisfiesExactly(
            first ->
                assertThat(first).startsWith("c.yaml:2: providers.Open_AI: is not a usable name"),
            second -> assertThat(second).startsWith("c.yaml:4: models.gpt 5: is not a usable name"),
            third -> assertThat(third).startsWith("c.yaml:6: tenants.: is not a usable name"));
  }

  @Test
  void refusesRoutesThatLeadNowhere() {
    assertThat(
            problems(
                PROVIDER
                    + """
                    models:
                      a: {}
                      b: { routes: [] }
                      c: { provider: openai, routes: [{ provider: openai }] }
                      d: { routes: [{ provider: openai, wait: 2 }, openai] }
                      e: { routes: openai }
                    """))
        .containsExactly(
            "c.yaml:4: models.a.provider: is missing",
            "c.yaml:5: models.b.routes: names no usable route",
            "c.yaml:6: models.c.provider: stands beside routes: give one or the other",
            "c.yaml:7: models.d.routes[1]: must be a mapping of keys to values",
            "c.yaml:7: models.d.routes[0].wait: unknown key; known: weight, model, provider",
            "c.yaml:8: models.e.routes: must be a list",
            "c.yaml:8: models.e.routes: names no usable route");
  }

  @Test
  void refusesValuesOfTheWrongKind() {
    assertThat(
            problems(
                """
                providers:
                  a: openai
                  b: { dialect: [openai] }
                  c: { dialect: }
                  d: { dialect: cobol, timeouts: { stall: 10 }, slots: 0 }
                """))
        .containsExactly(
            "c.yaml:2: providers.a: must be a mapping of keys to values",
            "c.yaml:3: providers.b.dialect: must be a single value",
            "c.yaml:4: providers.c.dialect: has no value",
            "c.yaml:5: providers.d.dialect: no dialect named cobol; known: openai, simulated",
            "c.yaml:5: providers.d.slots: \"0\" is not a whole number from 1 to 100000",
            "c.yaml:5: providers.d.timeouts.stall: \"10\" is not a duration: write 500ms, 10s, 2m"
                + " or 1h");
  }

  @Test
  void refusesWhatYamlWouldPassOverInSilence() {
    assertThat(
            problems(
                """
                providers:
                  a: { dialect: openai }
                  a: { dialect: simulated }
                """))
        .containsExactly("c.yaml:3: providers.a: is given twice");
    assertThat(problems(PROVIDER + "---\nmodels: {}\n"))
        .singleElement()
        .asString()
        .startsWith("c.yaml:")
        .endsWith("a second YAML document begins here; a catalogue is one document");
    assertThat(problems("providers: { a: &x { dialect: openai }, b: *x }"))
        .containsExactly("c.yaml:1: providers.b: aliases (*x) are not supported: repeat the value");
  }

  @Test
  void refusesAFileThatWouldRemoveEverythingByMistake() {
    for (String text : List.of("", "# nothing\n", "hello", "[1, 2]")) {
      assertThat(problems(text))
          .containsExactly("c.yaml:1: a catalogue is a mapping with providers, models and tenants");
    }
  }

  @Test
  void saysWhereTheYamlIsBroken() {
    assertThat(problems("providers:\n  a: { dialect: openai\nmodels: {}\n"))
        .singleElement()
        .asString()
        .matches("c\\.yaml:[23]: not YAML: .+");
  }

  @Test
  void warnsOfKeysThatOthersCouldRead() {
    CatalogueFile file =
        parse(
            """
            providers:
              far: { dialect: openai, base-url: "http://models.example.com/v1", api-key: "${TOKENBUS_PROVIDER_X}" }
              near: { dialect: openai, base-url: "http://127.0.0.1:9000/v1", api-key: "${TOKENBUS_PROVIDER_X}" }
              open: { dialect: openai, base-url: "http://models.example.com/v1" }
            tenants:
              t: { keys: { k: { secret: "${SHORT}" } } }
            """);

    assertThat(file.warnings())
        .containsExactly(
            "providers.far.base-url: the api-key travels unencrypted over http to another machine;"
                + " use https",
            "tenants.t.keys.k.secret: the value of SHORT is shorter than 20 characters and may be"
                + " guessed");
  }

  private static CatalogueFile parse(String yaml) {
    return CatalogueFile.parse("c.yaml", yaml, ENVIRONMENT, NOW);
  }

  private static List<String> problems(String yaml) {
    return catchThrowableOfType(CatalogueFileException.class, () -> parse(yaml)).problems();
  }

  private static <T> T entry(CatalogueFile file, String key, Class<T> type) {
    assertThat(file.entries()).containsKey(key);
    return type.cast(Objects.requireNonNull(file.entries().get(key)).getEntry());
  }
}
