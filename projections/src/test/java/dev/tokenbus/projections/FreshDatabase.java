package dev.tokenbus.projections;

import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.runtime.config.Addresses;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;

/** An empty database of a test's own on a shared server. */
final class FreshDatabase {
  private FreshDatabase() {}

  static ProjectionsSettings on(EmbeddedPostgres server, String name) {
    Jdbi.create(DatabaseUrl.parse(server.url()).dataSource())
        .useHandle(handle -> handle.execute("CREATE DATABASE " + name));
    String url = server.url().substring(0, server.url().lastIndexOf('/') + 1) + name;
    return ProjectionsSettings.from(
        Addresses.of(
            Map.of(
                "DATABASE_URL", url,
                "DATABASE_POOL_MAX_CONNS", "10",
                "PROJECTIONS_STALLED_AFTER", "2s")));
  }
}
