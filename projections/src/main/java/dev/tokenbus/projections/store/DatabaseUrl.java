package dev.tokenbus.projections.store;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A connection URI as psql takes it (PostgreSQL 18 documentation, section 32.1.1.2), translated
 * into JDBC's own names: {@code
 * postgresql://user:password@host:port,host:port/database?sslmode=require}.
 *
 * <p>Immutable and thread-safe. The text form hides the password.
 */
public final class DatabaseUrl {
  private static final Pattern FORM =
      Pattern.compile(
          "postgres(?:ql)?://(?:(?<credentials>[^/?#]*)@)?(?<hosts>[^/?#@]*)"
              + "(?:/(?<database>[^?#]*))?(?:\\?(?<parameters>[^#]*))?");
  private static final Pattern HOST =
      Pattern.compile("(?<name>\\[[0-9a-fA-F:.%]+]|[^:\\[\\]]*)(?::(?<port>\\d{1,5}))?");
  private static final int DEFAULT_PORT = 5432;

  /** libpq's parameter names and JDBC's. */
  private static final Map<String, String> PARAMETERS =
      Map.ofEntries(
          Map.entry("sslmode", "sslmode"),
          Map.entry("sslrootcert", "sslrootcert"),
          Map.entry("sslcert", "sslcert"),
          Map.entry("sslkey", "sslkey"),
          Map.entry("sslpassword", "sslpassword"),
          Map.entry("channel_binding", "channelBinding"),
          Map.entry("gssencmode", "gssEncMode"),
          Map.entry("connect_timeout", "connectTimeout"),
          Map.entry("application_name", "ApplicationName"),
          Map.entry("options", "options"),
          Map.entry("target_session_attrs", "targetServerType"));

  private static final Map<String, String> SESSION_ATTRIBUTES =
      Map.of(
          "any", "any",
          "read-write", "primary",
          "primary", "primary",
          "read-only", "secondary",
          "standby", "secondary",
          "prefer-standby", "preferSecondary");

  private final List<String> hosts;
  private final List<Integer> ports;
  private final String user;
  private final @Nullable String password;
  private final String database;
  private final Map<String, String> properties;

  private DatabaseUrl(
      List<String> hosts,
      List<Integer> ports,
      String user,
      @Nullable String password,
      String database,
      Map<String, String> properties) {
    this.hosts = List.copyOf(hosts);
    this.ports = List.copyOf(ports);
    this.user = user;
    this.password = password;
    this.database = database;
    this.properties = new TreeMap<>(properties);
  }

  /**
   * Reads the text.
   *
   * @throws IllegalArgumentException if the text is not such a URI or needs what JDBC lacks; the
   *     message leaves the text out, which may hold a password
   */
  public static DatabaseUrl parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw refused("it is not of the form postgresql://user:password@host:port/database");
    }
    Map<String, String> parameters = parametersOf(form.group("parameters"));
    @Nullable String[] credentials = credentialsOf(form.group("credentials"));
    String user =
        orElse(parameters.remove("user"), credentials[0], System.getProperty("user.name", ""));
    String password = parameters.remove("password");
    String database = orElse(parameters.remove("dbname"), decoded(form.group("database")), user);
    List<String> hosts = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    String addresses = orElse(parameters.remove("host"), decoded(form.group("hosts")), "");
    for (String address : addresses.split(",", -1)) {
      addHost(address, parameters.get("port"), hosts, ports);
    }
    parameters.remove("port");
    return new DatabaseUrl(
        hosts,
        ports,
        user,
        password == null ? credentials[1] : password,
        database,
        propertiesOf(parameters));
  }

  /** Returns a new data source, which the caller may configure further. */
  public PGSimpleDataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(hosts.toArray(String[]::new));
    source.setPortNumbers(ports.stream().mapToInt(Integer::intValue).toArray());
    source.setDatabaseName(database);
    source.setUser(user);
    source.setPassword(password);
    properties.forEach((name, value) -> {
      try {
        source.setProperty(name, value);
      } catch (SQLException e) {
        throw new IllegalArgumentException(
            "DATABASE_URL: \"" + value + "\" is no value for " + name, e);
      }
    });
    return source;
  }

  @Override
  public String toString() {
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < hosts.size(); i++) {
      addresses.add(hosts.get(i) + ":" + ports.get(i));
    }
    return "postgresql://" + user + "@" + String.join(",", addresses) + "/" + database;
  }

  private static void addHost(
      String address, @Nullable String otherPort, List<String> hosts, List<Integer> ports) {
    if (address.startsWith("/") || address.startsWith("@")) {
      throw refused("it names a Unix socket, which JDBC cannot use: name a host and port");
    }
    Matcher host = HOST.matcher(address);
    if (!host.matches()) {
      throw refused("\"" + address + "\" is not a host and port");
    }
    String port = orElse(host.group("port"), otherPort, Integer.toString(DEFAULT_PORT));
    if (!port.matches("\\d{1,5}")
        || Integer.parseInt(port) < 1
        || Integer.parseInt(port) > 65_535) {
      throw refused("\"" + port + "\" is not a port");
    }
    hosts.add(orElse(host.group("name"), null, "localhost"));
    ports.add(Integer.valueOf(port));
  }

  private static @Nullable String[] credentialsOf(@Nullable String credentials) {
    if (credentials == null) {
      return new @Nullable String[2];
    }
    int colon = credentials.indexOf(':');
    return colon < 0
        ? new @Nullable String[] {decoded(credentials), null}
        : new @Nullable String[] {
          decoded(credentials.substring(0, colon)), decoded(credentials.substring(colon + 1))
        };
  }

  private static Map<String, String> parametersOf(@Nullable String query) {
    Map<String, String> parameters = new HashMap<>();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    Arrays.stream(query.split("&"))
        .forEach(parameter -> {
          int equals = parameter.indexOf('=');
          if (equals < 1) {
            throw refused("parameter \"" + parameter + "\" has no value");
          }
          parameters.put(
              orElse(decoded(parameter.substring(0, equals)), null, ""),
              orElse(decoded(parameter.substring(equals + 1)), null, ""));
        });
    return parameters;
  }

  private static Map<String, String> propertiesOf(Map<String, String> parameters) {
    Map<String, String> properties = new HashMap<>();
    parameters.forEach((name, value) -> {
      String property = PARAMETERS.get(name);
      if (property == null) {
        throw refused("parameter \"" + name + "\" is not understood");
      }
      String translated =
          name.equals("target_session_attrs") ? SESSION_ATTRIBUTES.get(value) : value;
      if (translated == null) {
        throw refused("\"" + value + "\" is no value for " + name);
      }
      properties.put(property, translated);
    });
    return properties;
  }

  private static String orElse(@Nullable String first, @Nullable String second, String otherwise) {
    if (first != null && !first.isEmpty()) {
      return first;
    }
    return second != null && !second.isEmpty() ? second : otherwise;
  }

  /** Percent-encoding alone: a plus sign is a plus sign in a URI. */
  private static @Nullable String decoded(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refused("a percent sign in it is not followed by two hexadecimal digits");
    }
  }

  private static IllegalArgumentException refused(String reason) {
    return new IllegalArgumentException("DATABASE_URL cannot be used: " + reason);
  }
}
