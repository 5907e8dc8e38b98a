package dev.tokenbus.embedded;

import dev.tokenbus.embedded.process.DirectoryTree;
import java.nio.file.Path;
import java.util.List;

/** The command line of Apicurio Registry: small, fast to start, on 127.0.0.1, storing in a file. */
final class RegistryCommand {
  private RegistryCommand() {}

  static List<String> of(RegistrySettings settings, Path distribution, int port) {
    Path temporary = settings.directory().resolve("tmp");
    DirectoryTree.delete(temporary); // a killed run leaves its caches
    DirectoryTree.createPrivate(temporary);
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx96m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Djava.io.tmpdir=" + temporary,
        settings.marker(),
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=" + port,
        "-Dquarkus.management.host=127.0.0.1",
        "-Dquarkus.management.port=0",
        "-Dquarkus.http.access-log.enabled=false",
        "-Dquarkus.log.category.\"io.apicurio\".level=WARN",
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=h2",
        // WRITE_DELAY=0: by default H2 answers up to half a second before it writes.
        "-Dapicurio.datasource.url=jdbc:h2:file:"
            + settings.directory().resolve("schemas")
            + ";WRITE_DELAY=0",
        "-Dapicurio.datasource.jdbc.initial-size=1",
        "-Dapicurio.datasource.jdbc.min-size=1",
        "-Dapicurio.datasource.jdbc.max-size=8",
        "-jar",
        distribution.resolve(RegistryDistribution.JAR).toString());
  }
}
