package dev.tokenbus.projections.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class DatabaseUrlTest {
  @Test
  void takesEveryPartOfWhatPsqlTakes() throws SQLException {
    PGSimpleDataSource source =
        sourceOf(
            "postgresql://ada:secret@db.example:6432/billing"
                + "?sslmode=verify-full&connect_timeout=7&application_name=tokenbus"
                + "&target_session_attrs=read-write&sslrootcert=/etc/ca.pem");

    assertThat(source.getServerNames()).containsExactly("db.example");
    assertThat(source.getPortNumbers()).containsExactly(6432);
    assertThat(source.getDatabaseName()).isEqualTo("billing");
    assertThat(source.getUser()).isEqualTo("ada");
    assertThat(source.getPassword()).isEqualTo("secret");
    assertThat(source.getSslMode()).isEqualTo("verify-full");
    assertThat(source.getConnectTimeout()).isEqualTo(7);
    assertThat(source.getApplicationName()).isEqualTo("tokenbus");
    assertThat(source.getProperty("targetServerType")).isEqualTo("primary");
    assertThat(source.getSslRootCert()).isEqualTo("/etc/ca.pem");
  }

  @Test
  void decodesPercentEncodingButLeavesPlusSigns() {
    PGSimpleDataSource source =
        sourceOf(
            "postgres://a%40b:p%2Fw%3Ad%25+%C3%A9@localhost/my%20data?options=-c%20geqo%3Doff");

    assertThat(source.getUser()).isEqualTo("a@b");
    assertThat(source.getPassword()).isEqualTo("p/w:d%+é");
    assertThat(source.getDatabaseName()).isEqualTo("my data");
    assertThat(source.getOptions()).isEqualTo("-c geqo=off");
  }

  @Test
  void takesSeveralHostsAndIpv6() {
    PGSimpleDataSource source = sourceOf("postgresql://u:p@[::1]:5433,db2,10.0.0.3:5434/d");

    assertThat(source.getServerNames()).containsExactly("[::1]", "db2", "10.0.0.3");
    assertThat(source.getPortNumbers()).containsExactly(5433, 5432, 5434);
  }

  @Test
  void fillsInWhatPsqlFillsIn() {
    PGSimpleDataSource source = sourceOf("postgresql://");

    assertThat(source.getServerNames()).containsExactly("localhost");
    assertThat(source.getPortNumbers()).containsExactly(5432);
    assertThat(source.getUser()).isEqualTo(System.getProperty("user.name"));
    assertThat(source.getDatabaseName()).isEqualTo(source.getUser());
    assertThat(source.getPassword()).isNull();
  }

  @Test
  void takesParametersInPlaceOfParts() {
    PGSimpleDataSource source =
        sourceOf("postgresql:///?host=db&port=6000&user=ada&password=x%26y&dbname=billing");

    assertThat(source.getServerNames()).containsExactly("db");
    assertThat(source.getPortNumbers()).containsExactly(6000);
    assertThat(source.getUser()).isEqualTo("ada");
    assertThat(source.getPassword()).isEqualTo("x&y");
    assertThat(source.getDatabaseName()).isEqualTo("billing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jdbc:postgresql://h/d              | not of the form",
        "mysql://h/d                        | not of the form",
        "postgresql://h:port/d              | not a host and port",
        "postgresql://h:0/d                 | not a port",
        "postgresql://h:70000/d             | not a port",
        "postgresql://%2Fvar%2Frun/d        | Unix socket",
        "postgresql:///d?host=/var/run      | Unix socket",
        "postgresql://h/d?sslmod=require    | \"sslmod\" is not understood",
        "postgresql://h/d?sslmode           | no value",
        "postgresql://h/d?target_session_attrs=fastest | no value for target_session_attrs",
        "postgresql://u:%zz@h/d             | percent sign",
      })
  void saysWhatIsWrong(String text, String reason) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DATABASE_URL")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://u:hunter2@h:1x/d",
        "postgresql:/u:hunter2@h/d",
        "postgresql://u:hunter2@h/d?sslmod=1"
      })
  void neverRepeatsAPassword(String text) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text)).hasMessageNotContaining("hunter2");
    assertThat(DatabaseUrl.parse("postgresql://u:hunter2@h/d"))
        .hasToString("postgresql://u@h:5432/d");
  }

  private static PGSimpleDataSource sourceOf(String url) {
    return DatabaseUrl.parse(url).dataSource();
  }
}
