package dev.tokenbus.router.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class StandbyReplicasIT {
  private static final String GROUP = "standby-replicas";

  private final Admin admin;

  StandbyReplicasIT(EmbeddedBroker broker) {
    admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()));
  }

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void setsTheNumberForTheGroup() throws Exception {
    assertThat(StandbyReplicas.set(admin, GROUP, 1)).isTrue();

    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, GROUP);
    Config config =
        Objects.requireNonNull(admin.describeConfigs(List.of(group)).all().get().get(group));
    assertThat(Objects.requireNonNull(config.get("streams.num.standby.replicas")).value())
        .isEqualTo("1");
  }

  @Test
  void goesOnWhereTheBrokerRefuses() {
    assertThat(StandbyReplicas.set(admin, GROUP, 1_000)).isFalse();
  }
}
