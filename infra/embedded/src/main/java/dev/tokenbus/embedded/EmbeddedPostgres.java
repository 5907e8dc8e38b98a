package dev.tokenbus.embedded;

import dev.tokenbus.embedded.home.LoopbackPorts;
import dev.tokenbus.embedded.postgres.PostgresBinaries;
import dev.tokenbus.embedded.postgres.PostgresDirectory;
import dev.tokenbus.embedded.postgres.PostgresOptions;
import dev.tokenbus.embedded.postgres.PostgresPrograms;
import dev.tokenbus.embedded.postgres.PostgresSettings;
import dev.tokenbus.embedded.postgres.PostmasterFile;
import dev.tokenbus.embedded.process.Command;
import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.ParentWatch;
import dev.tokenbus.embedded.process.StartFailedException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A PostgreSQL 18 server as a child process, on 127.0.0.1, with password authentication.
 *
 * <p>User, database and everything in them live in the directory; the password is made on the first
 * start and kept beside the data, readable by its owner only. The server is stopped when this JVM
 * ends, also by SIGKILL; one that outlived its JVM all the same is stopped by the next start on its
 * directory.
 *
 * <p>Thread-safe. {@link #close} ends open connections and may be called more than once.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  /** Superuser and owner of the database. */
  public static final String USER = PostgresPrograms.USER;

  /** The one database that is made here. */
  public static final String DATABASE = "tokenbus";

  private static final Duration START_TIMEOUT =
      Duration.ofSeconds(60); // recovery after a crash included
  private final PostgresDirectory directory;
  private final ParentWatch watch;
  private final int port;
  private final String password;
  private final Runnable afterStop;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedPostgres(
      PostgresDirectory directory,
      ParentWatch watch,
      int port,
      String password,
      Runnable afterStop) {
    this.directory = directory;
    this.watch = watch;
    this.port = port;
    this.password = password;
    this.afterStop = afterStop;
  }

  /**
   * Starts a server and returns when it takes connections. The first start on a directory takes
   * some seconds.
   *
   * @throws PortInUseException when the port that the settings name is taken
   * @throws StartFailedException when the server does not come up; the message holds the end of its
   *     log
   */
  public static EmbeddedPostgres start(PostgresSettings settings) {
    return start(settings, () -> {});
  }

  /**
   * Starts a server on a free port, whose directory is deleted when it closes: for tests. It does
   * not wait for the disk, so what it holds survives no crash of the machine.
   */
  public static EmbeddedPostgres startTemporary() {
    Path temporary = DirectoryTree.createTemporary("tokenbus-postgres");
    PostgresSettings settings =
        PostgresSettings.in(temporary)
            .withBinaries(DirectoryTree.sharedTemporary("postgres-server"))
            .withOverrides(Map.of("fsync", "off", "full_page_writes", "off"));
    try {
      return start(settings, () -> DirectoryTree.delete(temporary));
    } catch (RuntimeException e) {
      DirectoryTree.delete(temporary);
      throw e;
    }
  }

  /** Stops a server that an earlier run left behind. */
  static void clear(PostgresSettings settings) {
    if (PostmasterFile.in(settings.data()).pid().isPresent()) {
      PostgresPrograms programs =
          new PostgresPrograms(PostgresBinaries.unpackInto(settings.binaries()));
      new PostgresDirectory(settings, programs).clear();
    }
  }

  private static EmbeddedPostgres start(PostgresSettings settings, Runnable afterStop) {
    DirectoryTree.createPrivate(settings.directory());
    DirectoryTree.createPrivateFor(settings.logFile());
    PostgresPrograms programs =
        new PostgresPrograms(PostgresBinaries.unpackInto(settings.binaries()));
    PostgresDirectory directory = new PostgresDirectory(settings, programs);
    clear(settings);
    int port = settings.port() == 0 ? LoopbackPorts.free() : settings.port();
    LoopbackPorts.requireFree(port, "PostgreSQL");
    String password = directory.password();
    directory.initialise();
    ParentWatch watch = launch(settings, programs, port);
    EmbeddedPostgres postgres = new EmbeddedPostgres(directory, watch, port, password, afterStop);
    try {
      postgres.createDatabase();
    } catch (SQLException e) {
      postgres.close();
      throw new StartFailedException(
          "PostgreSQL started but refuses to make its database: " + e.getMessage(), e);
    }
    return postgres;
  }

  private static ParentWatch launch(
      PostgresSettings settings, PostgresPrograms programs, int port) {
    Command.Result result =
        programs.start(
            settings.data(), settings.logFile(), PostgresOptions.of(settings, port), START_TIMEOUT);
    PostmasterFile postmaster = PostmasterFile.in(settings.data());
    if (result.exitCode() != 0 || postmaster.pid().isEmpty()) {
      throw StartFailedException.withLog(
          "PostgreSQL in " + settings.directory() + " did not start: " + result.output(),
          settings.logFile());
    }
    return ParentWatch.over(postmaster.pid().get(), postmaster.path());
  }

  private void createDatabase() throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), USER, password);
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
      if (!found.next()) {
        statement.execute("CREATE DATABASE " + DATABASE);
      }
    }
  }

  /** For JDBC; {@link #USER} and {@link #password} go with it. */
  public String jdbcUrl() {
    return jdbcUrl(DATABASE);
  }

  private String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
  }

  /** For {@code psql} and other tools of libpq; holds the password. */
  public String url() {
    return "postgresql://%s:%s@127.0.0.1:%d/%s".formatted(USER, password, port, DATABASE);
  }

  /** The password of {@link #USER}. */
  public String password() {
    return password;
  }

  /** Where clients connect, on 127.0.0.1. */
  public int port() {
    return port;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      directory.stop();
      watch.close();
      afterStop.run();
    }
  }
}
