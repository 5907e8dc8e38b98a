package dev.tokenbus.embedded;

/**
 * Where the servers are, in the form each client wants it.
 *
 * @param bootstrapServers of Kafka, {@code host:port}
 * @param schemaRegistryUrl base URL of the Confluent API
 * @param databaseUrl {@code postgresql://user:password@host:port/database}, for psql and its kind
 * @param jdbcUrl the same database for JDBC, without user and password
 * @param jdbcUser the user for {@code jdbcUrl}
 * @param jdbcPassword the password for {@code jdbcUrl}
 */
public record Endpoints(
    String bootstrapServers,
    String schemaRegistryUrl,
    String databaseUrl,
    String jdbcUrl,
    String jdbcUser,
    String jdbcPassword) {
  /** Leaves the password out, so that it gets into no log. */
  @Override
  public String toString() {
    return "Endpoints[bootstrapServers=%s, schemaRegistryUrl=%s, jdbcUrl=%s]"
        .formatted(bootstrapServers, schemaRegistryUrl, jdbcUrl);
  }
}
