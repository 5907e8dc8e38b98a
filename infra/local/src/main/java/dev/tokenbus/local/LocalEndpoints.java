package dev.tokenbus.local;

import dev.tokenbus.runtime.config.Addresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where the servers of a local installation listen, and the key to use them.
 *
 * @param url where an ingress listens
 * @param databaseUrl {@code postgresql://} with password, as psql takes it
 */
record LocalEndpoints(
    String url, LocalKey key, String bootstrapServers, String registryUrl, String databaseUrl) {
  /** Values that a shell needs no quotes for. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  Map<String, String> asEnvironment() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(Addresses.URL, url);
    values.put(Addresses.API_KEY, key.text());
    values.put(Addresses.KAFKA, bootstrapServers);
    values.put(Addresses.REGISTRY, registryUrl);
    values.put(Addresses.DATABASE, databaseUrl);
    return values;
  }

  /**
   * Writes {@code endpoints.env} for {@code source} and for {@link Addresses}; readable by its
   * owner only.
   */
  void write(Home home) {
    String text =
        asEnvironment().entrySet().stream()
                .map(value -> value.getKey() + "=" + quoted(value.getValue()))
                .collect(Collectors.joining("\n", "", "\n"))
            + "export "
            + String.join(" ", asEnvironment().keySet())
            + "\n";
    try {
      PrivateFile.write(home.endpointsFile(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(home.endpointsFile() + " cannot be written: " + e, e);
    }
  }

  private static String quoted(String value) {
    if (PLAIN.matcher(value).matches()) {
      return value;
    }
    // Within single quotes only the quote itself has a meaning to a shell.
    if (value.contains("'") || value.contains("\n")) {
      throw new IllegalArgumentException("An address cannot hold a quote or a line end");
    }
    return "'" + value + "'";
  }
}
