package dev.tokenbus.embedded;

import dev.tokenbus.embedded.postgres.PostgresSettings;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where an {@link EmbeddedBackbone} lives and listens.
 *
 * @param home holds everything; created if absent, kept for the next start
 * @param ports fixed ports on 127.0.0.1 by part; a part without one keeps the port of its last
 *     start if that is free, else takes a free one
 * @param brokerOverrides broker properties that win over ours, by Kafka's names
 */
public record BackboneSettings(
    Path home, Map<BackbonePart, Integer> ports, Map<String, String> brokerOverrides) {
  public BackboneSettings {
    home = home.toAbsolutePath().normalize();
    ports = Map.copyOf(ports);
    brokerOverrides = Map.copyOf(brokerOverrides);
    ports.forEach((part, port) -> {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException(
            "the port of the " + part.label() + " must be from 1 to 65535, was " + port);
      }
    });
  }

  /** Remembered ports, no overrides. */
  public static BackboneSettings in(Path home) {
    return new BackboneSettings(home, Map.of(), Map.of());
  }

  public BackboneSettings withPorts(Map<BackbonePart, Integer> newPorts) {
    return new BackboneSettings(home, newPorts, brokerOverrides);
  }

  public BackboneSettings withBrokerOverrides(Map<String, String> newBrokerOverrides) {
    return new BackboneSettings(home, ports, newBrokerOverrides);
  }

  Path logs() {
    return home.resolve("logs");
  }

  BrokerSettings broker() {
    return BrokerSettings.in(home.resolve("kafka")).withOverrides(brokerOverrides);
  }

  PostgresSettings postgres() {
    return PostgresSettings.in(home.resolve("postgres"))
        .withLogFile(logs().resolve("postgres.log"));
  }

  RegistrySettings registry() {
    return RegistrySettings.in(home.resolve("registry"))
        .withLogFile(logs().resolve("registry.log"));
  }
}
