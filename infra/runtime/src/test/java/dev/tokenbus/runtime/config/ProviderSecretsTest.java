package dev.tokenbus.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProviderSecretsTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "OPENAI_API_KEY", "sk-1",
          "TOKENBUS_PROVIDER_MINE", "sk-2",
          "ACME_MODEL_KEY", "sk-3",
          "DATABASE_URL", "postgresql://user:password@host/db",
          "TOKENBUS_API_KEY", "tb-1");

  @Test
  void looksUpTheUsualNamesAndThoseWithThePrefix() {
    ProviderSecrets secrets = ProviderSecrets.of(Addresses.of(ENVIRONMENT));

    assertThat(secrets.get("OPENAI_API_KEY")).contains("sk-1");
    assertThat(secrets.get("TOKENBUS_PROVIDER_MINE")).contains("sk-2");
    assertThat(secrets.get("TOKENBUS_PROVIDER_ABSENT")).isEmpty();
  }

  @Test
  void neverLooksUpWhatTheCatalogueMayNotName() {
    ProviderSecrets secrets = ProviderSecrets.of(Addresses.of(ENVIRONMENT));

    assertThat(secrets.get("DATABASE_URL")).isEmpty();
    assertThat(secrets.get("TOKENBUS_API_KEY")).isEmpty();
    assertThat(secrets.get("ACME_MODEL_KEY")).isEmpty();
    assertThat(secrets.isAllowed("DATABASE_URL")).isFalse();
  }

  @Test
  void theListReplacesTheUsualNames() {
    ProviderSecrets secrets = of("ACME_MODEL_KEY, OTHER");

    assertThat(secrets.get("ACME_MODEL_KEY")).contains("sk-3");
    assertThat(secrets.get("TOKENBUS_PROVIDER_MINE")).contains("sk-2");
    assertThat(secrets.get("OPENAI_API_KEY")).isEmpty();
    assertThat(of("").get("OPENAI_API_KEY")).isEmpty();
  }

  private static ProviderSecrets of(String list) {
    Map<String, String> environment = new java.util.HashMap<>(ENVIRONMENT);
    environment.put(ProviderSecrets.ALLOWED, list);
    return ProviderSecrets.of(Addresses.of(environment));
  }
}
