package dev.tokenbus.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.home.PortInUseException;
import dev.tokenbus.embedded.postgres.PostgresSettings;
import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.StartFailedException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedPostgresIT {
  private final EmbeddedPostgres shared = EmbeddedPostgres.startTemporary();

  @AfterAll
  void stop() {
    shared.close();
  }

  @Test
  void isVersion18OfUtf8AndUtc() throws SQLException {
    assertThat(query(shared, "SHOW server_version")).startsWith("18.");
    assertThat(query(shared, "SHOW server_encoding")).isEqualTo("UTF8");
    assertThat(query(shared, "SELECT reset_val FROM pg_settings WHERE name = 'log_timezone'"))
        .isEqualTo("UTC");
    assertThat(query(shared, "SELECT upper('né')")).isEqualTo("NÉ");
  }

  @Test
  void listensOnLoopbackOnly() throws SQLException {
    assertThat(query(shared, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
    assertThat(query(shared, "SHOW unix_socket_directories")).isEmpty();
  }

  @Test
  void refusesAWrongPassword() {
    assertThatThrownBy(() ->
            DriverManager.getConnection(shared.jdbcUrl(), EmbeddedPostgres.USER, "guess").close())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void urlHoldsWhatOtherToolsNeed() {
    assertThat(shared.url())
        .isEqualTo(
            "postgresql://tokenbus:"
                + shared.password()
                + "@127.0.0.1:"
                + shared.port()
                + "/tokenbus")
        .matches("postgresql://tokenbus:[0-9a-f]{32}@127\\.0\\.0\\.1:\\d+/tokenbus");
  }

  @Test
  void keepsRowsAndPasswordOverARestartAndStopsPromptly(@TempDir Path directory)
      throws SQLException {
    PostgresSettings settings = settings(directory);
    EmbeddedPostgres first = EmbeddedPostgres.start(settings);
    execute(first, "CREATE TABLE kept (x int)");
    execute(first, "INSERT INTO kept VALUES (42)");
    try (Connection open = connect(first)) {
      assertThat(open.isValid(1)).isTrue();
      long started = System.nanoTime();
      first.close();
      first.close();
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
    }
    try (EmbeddedPostgres second = EmbeddedPostgres.start(settings)) {
      assertThat(second.password()).isEqualTo(first.password());
      assertThat(query(second, "SELECT x FROM kept")).isEqualTo("42");
    }
  }

  @Test
  void passwordIsReadableByItsOwnerOnly(@TempDir Path parent) throws Exception {
    Path directory = parent.resolve("postgres");
    EmbeddedPostgres.start(settings(directory)).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("password"))))
        .isEqualTo("rw-------");
  }

  @Test
  void startsAgainAfterAFirstStartThatWasKilledHalfWay(@TempDir Path directory) throws Exception {
    Files.createDirectories(directory.resolve("data.unfinished"));
    Files.writeString(directory.resolve("data.unfinished").resolve("PG_VERSION"), "18\n");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(settings(directory))) {
      assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void startsWhenAStaleFileNamesAProcessThatIsSomethingElse(@TempDir Path directory)
      throws Exception {
    PostgresSettings settings = settings(directory);
    EmbeddedPostgres.start(settings).close();
    Files.writeString(
        directory.resolve("data").resolve("postmaster.pid"),
        "%d\n%s\n0\n1\n\n127.0.0.1\n\nready\n"
            .formatted(ProcessHandle.current().pid(), directory.resolve("data")));
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(settings)) {
      assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void saysWhyItDoesNotStart(@TempDir Path directory) {
    PostgresSettings broken =
        settings(directory).withOverrides(Map.of("shared_buffers", "nonsense"));
    assertThatThrownBy(() -> EmbeddedPostgres.start(broken))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("invalid value for parameter")
        .hasMessageContaining("nonsense");
  }

  @Test
  void namesThePortThatIsTaken(@TempDir Path directory) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      PostgresSettings settings = settings(directory).withPort(taken.getLocalPort());
      assertThatThrownBy(() -> EmbeddedPostgres.start(settings))
          .isInstanceOf(PortInUseException.class)
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }

  private static PostgresSettings settings(Path directory) {
    return PostgresSettings.in(directory)
        .withBinaries(DirectoryTree.sharedTemporary("postgres-server"));
  }

  private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
    return DriverManager.getConnection(
        postgres.jdbcUrl(), EmbeddedPostgres.USER, postgres.password());
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = connect(postgres);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }
}
