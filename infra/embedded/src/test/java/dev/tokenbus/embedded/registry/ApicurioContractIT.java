package dev.tokenbus.embedded.registry;

import dev.tokenbus.embedded.EmbeddedRegistry;
import dev.tokenbus.embedded.junit.SharedServers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class ApicurioContractIT extends RegistryContract {
  private final EmbeddedRegistry registry;

  ApicurioContractIT(EmbeddedRegistry registry) {
    this.registry = registry;
  }

  @Override
  String url() {
    return registry.url();
  }
}
