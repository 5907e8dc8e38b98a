package dev.tokenbus.embedded;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where an {@link EmbeddedBroker} lives and listens.
 *
 * @param directory holds the log and the cluster's metadata; created if absent, kept for the next
 *     start
 * @param port for clients, on 127.0.0.1; 0 takes a free one
 * @param controllerPort for the KRaft controller, on 127.0.0.1; 0 takes a free one
 * @param overrides broker properties that win over ours, by Kafka's names
 */
public record BrokerSettings(
    Path directory, int port, int controllerPort, Map<String, String> overrides) {
  public BrokerSettings {
    requirePort("port", port);
    requirePort("controllerPort", controllerPort);
    overrides = Map.copyOf(overrides);
  }

  /** Free ports, no overrides. */
  public static BrokerSettings in(Path directory) {
    return new BrokerSettings(directory, 0, 0, Map.of());
  }

  public BrokerSettings withPorts(int newPort, int newControllerPort) {
    return new BrokerSettings(directory, newPort, newControllerPort, overrides);
  }

  public BrokerSettings withOverrides(Map<String, String> newOverrides) {
    return new BrokerSettings(directory, port, controllerPort, newOverrides);
  }

  private static void requirePort(String name, int value) {
    if (value < 0 || value > 65_535) {
      throw new IllegalArgumentException(name + " must be from 0 to 65535, was " + value);
    }
  }
}
