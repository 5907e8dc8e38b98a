package dev.tokenbus.embedded;

import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.StartFailedException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a directory one that a KRaft broker can start on: formats it on the first start and leaves
 * it alone later.
 */
final class BrokerStorage {
  private static final Logger log = LoggerFactory.getLogger(BrokerStorage.class);

  private BrokerStorage() {}

  /**
   * Formats {@code directory} unless it is formatted. {@code meta.properties} is the last file that
   * formatting writes (and is renamed into place), so a directory whose formatting was killed
   * counts as unformatted.
   *
   * @return the id of the cluster in it
   */
  static String prepare(Path directory) {
    DirectoryTree.createPrivate(directory);
    return clusterId(directory).orElseGet(() -> format(directory));
  }

  /** The cluster that the directory was formatted for, if it was. */
  static Optional<String> clusterId(Path directory) {
    try {
      return new MetaPropertiesEnsemble.Loader()
          .addMetadataLogDir(directory.toString())
          .load()
          .clusterId();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the broker's directory " + directory, e);
    }
  }

  private static String format(Path directory) {
    String clusterId = Uuid.randomUuid().toString();
    try (PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(quiet)
          .setNodeId(BrokerProperties.NODE_ID)
          .setClusterId(clusterId)
          .setControllerListenerName(BrokerProperties.CONTROLLER_LISTENER)
          .setMetadataLogDirectory(directory.toString())
          .setDirectories(List.of(directory.toString()))
          .setIgnoreFormatted(false)
          .run();
    } catch (Exception e) { // Formatter.run declares Exception
      throw new StartFailedException("cannot format the broker's directory " + directory, e);
    }
    log.atInfo()
        .addKeyValue("directory", directory)
        .addKeyValue("cluster_id", clusterId)
        .log("broker storage formatted");
    return clusterId;
  }
}
