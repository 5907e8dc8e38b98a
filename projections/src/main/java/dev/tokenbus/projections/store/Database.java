package dev.tokenbus.projections.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The connection pool and the schema behind it. The database need not be reachable at construction.
 *
 * <p>Thread-safe.
 */
public final class Database implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration CONNECTION_WAIT = Duration.ofSeconds(5);
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(60);

  private final DatabaseUrl url;
  private final HikariDataSource pool;
  private final Jdbi jdbi;

  public Database(DatabaseSettings settings) {
    url = DatabaseUrl.parse(settings.url());
    HikariConfig config = new HikariConfig();
    config.setPoolName("projections");
    config.setDataSource(pooledConnections(url));
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

  /** Opens handles from the pool. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /** The address; its text form hides the password. */
  public DatabaseUrl url() {
    return url;
  }

  /**
   * Migrates the schema. Instances that migrate at the same time wait for one another.
   *
   * @throws RuntimeException if the database is away or the schema is not ours
   */
  public void migrate() {
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

  private static PGSimpleDataSource pooledConnections(DatabaseUrl url) {
    PGSimpleDataSource source = url.dataSource();
    source.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
    source.setTcpKeepAlive(true);
    // For a host that vanished. Longer than the server's own limits, which come first otherwise.
    source.setSocketTimeout((int) TRANSACTION_TIMEOUT.plusSeconds(5).toSeconds());
    return source;
  }

  /**
   * {@code synchronous_commit} may be off: a server crash loses rows together with their offsets,
   * and the records are read again from the topic.
   */
  private static String sessionSettings(Duration stalledAfter) {
    return "SET synchronous_commit = off; SET idle_in_transaction_session_timeout = %d; SET transaction_timeout = %d"
        .formatted(stalledAfter.toMillis(), TRANSACTION_TIMEOUT.toMillis());
  }
}
