package dev.tokenbus.runtime.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.DataPolicy;
import dev.tokenbus.schemas.avro.DeploymentEntry;
import dev.tokenbus.schemas.avro.FormatEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CataloguePolicyTest {
  private final ApiKeyEntry.Builder key =
      ApiKeyEntry.newBuilder().setTenant("acme").setName("web").setSha256("ab");
  private final TenantEntry.Builder tenant = TenantEntry.newBuilder().setName("acme");
  private final ModelEntry.Builder model =
      ModelEntry.newBuilder()
          .setName("chat")
          .setRoutes(List.of(new ModelRoute("openai", "gpt-5", 1)))
          .setCreated(Instant.EPOCH);

  @Test
  void aPolicyIsPutTogetherFieldByFieldOfKeyTenantModelAndDefault() {
    Catalogue catalogue =
        catalogue(
            key.setPolicy("of-key").build(),
            tenant.setPolicy("of-tenant").build(),
            model.setPolicy("of-model").build(),
            policy("of-key").setMaxAttempts(1).build(),
            policy("of-tenant").setMaxAttempts(2).setMaxLosses(2).build(),
            policy("of-model").setMaxAttempts(3).setMaxLosses(3).setBackoffMs(3L).build(),
            policy("default")
                .setMaxAttempts(4)
                .setMaxLosses(4)
                .setBackoffMs(4L)
                .setDeadlineMs(4L)
                .build());

    PolicyEntry policy = catalogue.policy("acme", "web", "chat");

    assertThat(policy.getMaxAttempts()).isEqualTo(1);
    assertThat(policy.getMaxLosses()).isEqualTo(2);
    assertThat(policy.getBackoffMs()).isEqualTo(3);
    assertThat(policy.getDeadlineMs()).isEqualTo(4);
    assertThat(policy.getHoldToolCalls()).isNull();
  }

  @Test
  void anotherKeyOfTheTenantHasTheTenantsPolicy() {
    Catalogue catalogue =
        catalogue(
            key.setPolicy("of-key").build(),
            tenant.setPolicy("of-tenant").build(),
            policy("of-key").setMaxAttempts(1).build(),
            policy("of-tenant").setMaxAttempts(2).build());

    assertThat(catalogue.policy("acme", "other", "chat").getMaxAttempts()).isEqualTo(2);
    assertThat(catalogue.policy("bolt", "web", "chat").getMaxAttempts()).isNull();
  }

  @Test
  void whatKeyAndTenantSayOfClientsThatAreGoneIsPartOfTheirPolicy() {
    assertThat(
            catalogue(key.setClientGone("cancel").build(), tenant.build())
                .policy("acme", "web", "chat")
                .getClientGone())
        .isEqualTo("cancel");
    assertThat(
            catalogue(key.setClientGone("continue").build(), tenant.setClientGone("cancel").build())
                .policy("acme", "web", "chat")
                .getClientGone())
        .isEqualTo("continue");
    assertThat(
            catalogue(
                    key.clearClientGone().build(),
                    tenant.setClientGone("continue").build(),
                    policy("default").setClientGone("cancel").build())
                .policy("acme", "web", "chat")
                .getClientGone())
        .isEqualTo("cancel");
  }

  @Test
  void aDeploymentSaysForItselfWhatItsModelSaysForAll() {
    Catalogue catalogue =
        catalogue(
            ProviderEntry.newBuilder()
                .setName("claude")
                .setDialect("openai")
                .setRegion("eu")
                .setDataPolicy(DataPolicy.newBuilder().setTrains(false).build())
                .build(),
            DeploymentEntry.newBuilder()
                .setProvider("claude")
                .setModel("opus")
                .setCapabilities(List.of("vision"))
                .setContinuation(List.of("prefill"))
                .setContextWindow(200_000L)
                .build(),
            model
                .setRoutes(
                    List.of(
                        new ModelRoute("openai", "gpt-5", 3), new ModelRoute("claude", "opus", 1)))
                .setCapabilities(List.of("tools", "instruction"))
                .setContextWindow(100_000L)
                .setMaxOutputTokens(4_000L)
                .build());

    List<Deployment> deployments = catalogue.deployments(catalogue.model("chat").orElseThrow());

    assertThat(deployments)
        .containsExactly(
            new Deployment(
                "openai",
                "gpt-5",
                3,
                java.util.Set.of("tools"),
                OptionalLong.of(100_000),
                OptionalLong.of(4_000),
                false,
                true,
                Optional.empty(),
                "openai/gpt-5",
                Optional.empty()),
            new Deployment(
                "claude",
                "opus",
                1,
                java.util.Set.of("vision"),
                OptionalLong.of(200_000),
                OptionalLong.of(4_000),
                true,
                false,
                Optional.of("eu"),
                "claude/opus",
                Optional.of(DataPolicy.newBuilder().setTrains(false).build())));
  }

  @Test
  void aCatalogueThatSaysNothingOfItsFormatIsOneOf010() {
    assertThat(Catalogue.EMPTY.formatLevel()).isEqualTo(1);
    assertThat(catalogue(tenant.build()).formatLevel()).isEqualTo(1);
    assertThat(catalogue(tenant.build(), new FormatEntry(2)).formatLevel()).isEqualTo(2);
  }

  private static PolicyEntry.Builder policy(String name) {
    return PolicyEntry.newBuilder().setId(name);
  }

  private static Catalogue catalogue(Object... entries) {
    return Catalogue.of(
        Stream.of(entries)
            .map(entry -> new CatalogueEntry(Instant.EPOCH, entry, "file"))
            .collect(Collectors.toMap(Catalogue::keyOf, entry -> entry)));
  }
}
