package dev.tokenbus.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the backbone's parts are. Taken from the environment, and what is missing there from {@code
 * endpoints.env} of a home directory, which {@code tokenbus up} and {@code tokenbus infra} write.
 *
 * <p>Immutable and thread-safe.
 */
public final class Addresses {
  /** File in a home directory with one {@code NAME=value} per line, readable by its owner only. */
  public static final String FILE = "endpoints.env";

  public static final String KAFKA = "KAFKA_BOOTSTRAP_SERVERS";
  public static final String REGISTRY = "SCHEMA_REGISTRY_URL";
  public static final String DATABASE = "DATABASE_URL";
  public static final String URL = "TOKENBUS_URL";
  public static final String API_KEY = "TOKENBUS_API_KEY";

  private final Map<String, String> values;
  private final String origin;

  private Addresses(Map<String, String> values, String origin) {
    this.values = Map.copyOf(values);
    this.origin = origin;
  }

  public static Addresses of(Map<String, String> environment) {
    return new Addresses(environment, "the environment");
  }

  /**
   * Reads the environment, and a home directory for what it does not name.
   *
   * @param home directory whose {@value #FILE} fills in what the environment does not name; need
   *     not exist
   * @throws IOException if the file exists and cannot be read
   */
  public static Addresses of(Map<String, String> environment, Path home) throws IOException {
    Map<String, String> values = new HashMap<>();
    Path file = home.resolve(FILE);
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.startsWith("#")) {
          values.put(line.substring(0, equals).strip(), unquoted(line.substring(equals + 1)));
        }
      }
    }
    values.putAll(environment);
    return new Addresses(values, "the environment or " + file);
  }

  public String bootstrapServers() {
    return require(KAFKA);
  }

  public String registryUrl() {
    return require(REGISTRY);
  }

  /** A {@code postgresql://user:password@host:port/database} URL, as psql takes it. */
  public String databaseUrl() {
    return require(DATABASE);
  }

  public Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
  }

  /**
   * A value that must be there.
   *
   * @throws IllegalStateException if the value is missing; the message says where it was looked for
   */
  public String require(String name) {
    return get(name)
        .orElseThrow(() ->
            new IllegalStateException(
                name
                    + " is not set in "
                    + origin
                    + ". Set it, or name the directory of a running `tokenbus infra` with"
                    + " --home"));
  }

  /** Everything that was given, by name. */
  public Map<String, String> asMap() {
    return values;
  }

  private static String unquoted(String value) {
    String text = value.strip();
    boolean quoted =
        text.length() >= 2
            && ((text.startsWith("'") && text.endsWith("'"))
                || (text.startsWith("\"") && text.endsWith("\"")));
    return quoted ? text.substring(1, text.length() - 1) : text;
  }
}
