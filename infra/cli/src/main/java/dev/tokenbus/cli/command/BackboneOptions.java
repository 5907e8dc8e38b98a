package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.CommandFailedException;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.embedded.BackbonePart;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code up} and {@code infra} have in common. */
final class BackboneOptions {
  @Mixin private final HomeOption home = new HomeOption();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "" + LocalSettings.DEFAULT_PORT,
      description = "Where the API listens on 127.0.0.1. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--catalogue",
      paramLabel = "FILE",
      description = {
        "Providers, models, tenants and keys.",
        "Default: what was applied last, or else a shipped one."
      })
  private @Nullable Path catalogue;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "Default: that of the last start, or a free one.")
  private @Nullable Integer kafkaPort;

  @Option(names = "--registry-port", paramLabel = "PORT", description = "The same.")
  private @Nullable Integer registryPort;

  @Option(names = "--database-port", paramLabel = "PORT", description = "The same.")
  private @Nullable Integer databasePort;

  /** Reads the catalogue, so that nothing is started for a file that cannot be used. */
  LocalSettings settings(Session session) {
    Map<BackbonePart, Integer> ports = new EnumMap<>(BackbonePart.class);
    put(ports, BackbonePart.BROKER, kafkaPort);
    put(ports, BackbonePart.REGISTRY, registryPort);
    put(ports, BackbonePart.DATABASE, databasePort);
    return new LocalSettings(
        home.home(session),
        port,
        ports,
        Optional.ofNullable(catalogue).map(file -> readCatalogue(file, session)),
        session.environment());
  }

  static CatalogueFile readCatalogue(Path file, Session session) {
    try {
      CatalogueFile read = CatalogueFile.read(file, session.environment(), Instant.now());
      read.warnings().forEach(warning -> session.err().println("warning: " + warning));
      return read;
    } catch (NoSuchFileException e) {
      throw new CommandFailedException("there is no file " + file, e);
    } catch (IOException e) {
      throw new CommandFailedException(
          (Files.isDirectory(file) ? file + " is a directory" : file + " cannot be read: " + e), e);
    }
  }

  private static void put(
      Map<BackbonePart, Integer> ports, BackbonePart part, @Nullable Integer port) {
    if (port != null) {
      ports.put(part, port);
    }
  }
}
