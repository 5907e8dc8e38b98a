package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoPartitioningIT {
  @Test
  void refusesToStartWhereReportsWouldReachOtherTasksThanTheirRequests(@TempDir Path state)
      throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary();
        RegistryFixture registry = RegistryFixture.start();
        Admin admin =
            Admin.create(
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic("attempts", 3, (short) 1))).all().get();
      Addresses addresses =
          Addresses.of(
              Map.of(
                  Addresses.KAFKA, broker.bootstrapServers(), Addresses.REGISTRY, registry.url()));

      try (AppContext context = AppContext.open(addresses, state)) {
        assertThatThrownBy(() -> RouterApp.start(context, RouterSettings.DEFAULT))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("attempts=3")
            .hasMessageContaining("requests=4");
      }
    }
  }
}
