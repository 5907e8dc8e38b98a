package dev.tokenbus.embedded.registry;

import dev.tokenbus.embedded.junit.SharedServers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class InMemoryRegistryTest extends RegistryContract {
  private final InMemoryRegistry registry;

  InMemoryRegistryTest(InMemoryRegistry registry) {
    this.registry = registry;
  }

  @Override
  String url() {
    return registry.url();
  }
}
