package dev.tokenbus.local;

import dev.tokenbus.embedded.BackbonePart;
import dev.tokenbus.embedded.BackboneSettings;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code tokenbus up} and {@code tokenbus infra} start.
 *
 * @param home where everything is kept
 * @param port of the ingress on 127.0.0.1
 * @param backbonePorts fixed ports of broker, registry and database; others are remembered
 * @param catalogue to apply; if empty, the last applied one stays, or else the shipped one is used
 * @param environment of the apps
 */
public record LocalSettings(
    Home home,
    int port,
    Map<BackbonePart, Integer> backbonePorts,
    Optional<CatalogueFile> catalogue,
    Map<String, String> environment) {
  /** The default port of the ingress. */
  public static final int DEFAULT_PORT = 8317;

  public LocalSettings {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("A port is a number from 1 to 65535, not " + port);
    }
    backbonePorts = Map.copyOf(backbonePorts);
    environment = Map.copyOf(environment);
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  BackboneSettings backbone() {
    return BackboneSettings.in(home.directory()).withPorts(backbonePorts);
  }
}
