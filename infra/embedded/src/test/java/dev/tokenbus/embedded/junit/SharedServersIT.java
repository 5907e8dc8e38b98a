package dev.tokenbus.embedded.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class SharedServersIT {
  private final EmbeddedBroker broker;
  private final EmbeddedPostgres postgres;

  SharedServersIT(EmbeddedBroker broker, EmbeddedPostgres postgres) {
    this.broker = broker;
    this.postgres = postgres;
  }

  @Test
  void givesEveryTestTheSameServers(
      EmbeddedBroker sameBroker, EmbeddedPostgres samePostgres, InMemoryRegistry registry) {
    assertThat(sameBroker).isSameAs(broker);
    assertThat(samePostgres).isSameAs(postgres);
    assertThat(registry.url()).startsWith("http://127.0.0.1:");
  }
}
