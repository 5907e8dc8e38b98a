package dev.tokenbus.runtime.catalogue.file;

import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.KEY;
import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.entry;
import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.parse;
import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.problems;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.runtime.catalogue.KeyHash;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Secrets of providers and keys of tenants in a catalogue file. */
class CatalogueKeysTest {
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
}
