package dev.tokenbus.projections;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The connection pool and the schema behind it. Need not be reachable when this is made.
 *
 * <p>Thread-safe.
 */
final class Database implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration CONNECTION_WAIT = Duration.ofSeconds(5);
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(60);

  private final DatabaseUrl url;
  private final HikariDataSource pool;
  private final Jdbi jdbi;

  Database(ProjectionsSettings settings) {
    url = DatabaseUrl.parse(settings.databaseUrl());
    HikariConfig config = new HikariConfig();
    config.setPoolName("projections");
    config.setDataSource(connectionsThatEnd(url));
    config.setMaximumPoolSize(settings.maxConnections());
    config.setMinimumIdle(settings.minConnections());
    config.setMaxLifetime(settings.maxConnectionLifetime().toMillis());
    config.setIdleTimeout(settings.maxConnectionIdleTime().toMillis());
    config.setConnectionTimeout(CONNECTION_WAIT.toMillis());
    config.setInitializationFailTimeout(-1);
    config.setConnectionInitSql(sessionSettings(settings.stalledAfter()));
    pool = new HikariDataSource(config);
    jdbi = Jdbi.create(pool);
  }

  Jdbi jdbi() {
    return jdbi;
  }

  /** Where it is, without the password. */
  DatabaseUrl url() {
    return url;
  }

  /**
   * Brings the schema up to date. Instances that do so at the same time wait for one another.
   *
   * @throws RuntimeException if the database is away or the schema is not ours
   */
  void migrate() {
    PGSimpleDataSource direct = url.dataSource();
    direct.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
    Flyway.configure()
        .dataSource(direct)
        .locations("classpath:dev/tokenbus/projections/migrations")
        .failOnMissingLocations(true)
        .table("tokenbus_schema_history")
        .load()
        .migrate();
  }

  @Override
  public void close() {
    pool.close();
  }

  private static PGSimpleDataSource connectionsThatEnd(DatabaseUrl url) {
    PGSimpleDataSource source = url.dataSource();
    source.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
    source.setTcpKeepAlive(true);
    // A host that went away without a word: past the server's own limit, so that this is the last.
    source.setSocketTimeout((int) TRANSACTION_TIMEOUT.plusSeconds(5).toSeconds());
    return source;
  }

  /**
   * {@code synchronous_commit} may be off because a crash of the server loses the rows and the
   * offsets that belong to them together, and the topic still has the records: they are written
   * again.
   */
  private static String sessionSettings(Duration stalledAfter) {
    return "SET synchronous_commit = off; SET idle_in_transaction_session_timeout = %d; SET transaction_timeout = %d"
        .formatted(stalledAfter.toMillis(), TRANSACTION_TIMEOUT.toMillis());
  }
}
