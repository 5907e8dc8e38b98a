package dev.tokenbus.runtime.catalogue.file;

import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.PROVIDER;
import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.problems;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a catalogue file is told of its mistakes. */
class CatalogueProblemsTest {
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
}
