package dev.tokenbus.ingress;

import dev.tokenbus.ingress.replies.FeedLimits;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * How an ingress instance runs. Every setting has a name in the environment, given with its factory
 * default at {@link #from}.
 *
 * @param host address to listen on
 * @param port to listen on; 0 takes a free one
 * @param instanceId decides which partition of {@code replies} the instance reads
 * @param maxBodyBytes a larger request body is answered 413
 * @param maxInFlight requests that may run at once; another one is answered 429
 * @param deadline after which a request nobody answered ends
 * @param heartbeat silence after which a stream gets a comment
 * @param commitAfter how long after its admission a stream's status is held open for an error; then
 *     it is 200
 * @param drain how long {@link IngressApp#close()} lets requests finish
 * @param linger how long after its last use a connection may be used once more while the instance
 *     shuts down
 * @param feed what may wait in memory for a slow client
 * @param allowedOrigins of browsers; {@code *} alone allows any
 */
public record IngressSettings(
    String host,
    int port,
    String instanceId,
    int maxBodyBytes,
    int maxInFlight,
    Duration deadline,
    Duration heartbeat,
    Duration commitAfter,
    Duration drain,
    Duration linger,
    FeedLimits feed,
    List<String> allowedOrigins) {
  public static final int DEFAULT_PORT = 8317;

  /** 10 MB as the SI has it. */
  public static final int DEFAULT_MAX_BODY_BYTES = 10_000_000;

  /** A body and its envelope must fit into one record. */
  private static final int LARGEST_BODY_BYTES = 11 * 1024 * 1024;

  public IngressSettings {
    allowedOrigins = List.copyOf(allowedOrigins);
    requireRange("port", port, 0, 65_535);
    requireRange("maxBodyBytes", maxBodyBytes, 1, LARGEST_BODY_BYTES);
    requireRange("maxInFlight", maxInFlight, 1, 1_000_000);
    requirePositive("deadline", deadline);
    requirePositive("heartbeat", heartbeat);
    requirePositive("commitAfter", commitAfter);
    if (drain.isNegative()) {
      throw new IllegalArgumentException("drain must not be negative: " + drain);
    }
    requirePositive("linger", linger);
    if (instanceId.isBlank()) {
      throw new IllegalArgumentException("instanceId must not be blank");
    }
  }

  /** The defaults, with a random instance id. */
  public static IngressSettings defaults() {
    return new IngressSettings(
        "127.0.0.1",
        DEFAULT_PORT,
        UUID.randomUUID().toString(),
        DEFAULT_MAX_BODY_BYTES,
        4_000,
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        new FeedLimits(256, 256 * 1024),
        List.of("*"));
  }

  /**
   * The defaults, with what the environment says otherwise: {@code TOKENBUS_HOST}, {@code
   * TOKENBUS_PORT}, {@code TOKENBUS_INSTANCE_ID}, {@code TOKENBUS_MAX_BODY_BYTES}, {@code
   * TOKENBUS_MAX_IN_FLIGHT}, {@code TOKENBUS_DEADLINE_MS}, {@code TOKENBUS_HEARTBEAT_MS}, {@code
   * TOKENBUS_COMMIT_AFTER_MS}, {@code TOKENBUS_DRAIN_MS}, {@code TOKENBUS_LINGER_MS}, {@code
   * TOKENBUS_FEED_RECORDS}, {@code TOKENBUS_FEED_BYTES}, {@code TOKENBUS_ALLOWED_ORIGINS}
   * (separated by commas).
   *
   * @throws IllegalArgumentException if a value cannot be understood; the message names it
   */
  public static IngressSettings from(Addresses addresses) {
    IngressSettings base = defaults();
    return new IngressSettings(
        addresses.get("TOKENBUS_HOST").orElse(base.host),
        integer(addresses, "TOKENBUS_PORT", base.port),
        addresses.get("TOKENBUS_INSTANCE_ID").orElse(base.instanceId),
        integer(addresses, "TOKENBUS_MAX_BODY_BYTES", base.maxBodyBytes),
        integer(addresses, "TOKENBUS_MAX_IN_FLIGHT", base.maxInFlight),
        millis(addresses, "TOKENBUS_DEADLINE_MS", base.deadline),
        millis(addresses, "TOKENBUS_HEARTBEAT_MS", base.heartbeat),
        millis(addresses, "TOKENBUS_COMMIT_AFTER_MS", base.commitAfter),
        millis(addresses, "TOKENBUS_DRAIN_MS", base.drain),
        millis(addresses, "TOKENBUS_LINGER_MS", base.linger),
        new FeedLimits(
            integer(addresses, "TOKENBUS_FEED_RECORDS", base.feed.records()),
            integer(addresses, "TOKENBUS_FEED_BYTES", base.feed.bytes())),
        addresses
            .get("TOKENBUS_ALLOWED_ORIGINS")
            .map(value -> Arrays.stream(value.split(",")).map(String::strip).toList())
            .orElse(base.allowedOrigins));
  }

  public IngressSettings withPort(int newPort) {
    return new IngressSettings(
        host,
        newPort,
        instanceId,
        maxBodyBytes,
        maxInFlight,
        deadline,
        heartbeat,
        commitAfter,
        drain,
        linger,
        feed,
        allowedOrigins);
  }

  public IngressSettings withLinger(Duration newLinger) {
    return new IngressSettings(
        host,
        port,
        instanceId,
        maxBodyBytes,
        maxInFlight,
        deadline,
        heartbeat,
        commitAfter,
        drain,
        newLinger,
        feed,
        allowedOrigins);
  }

  private static int integer(Addresses addresses, String name, int otherwise) {
    return addresses
        .get(name)
        .map(value -> {
          try {
            return Integer.parseInt(value.strip());
          } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is not a whole number: " + value, e);
          }
        })
        .orElse(otherwise);
  }

  private static Duration millis(Addresses addresses, String name, Duration otherwise) {
    return Duration.ofMillis(integer(addresses, name, (int) otherwise.toMillis()));
  }

  private static void requireRange(String name, int value, int minimum, int maximum) {
    if (value < minimum || value > maximum) {
      throw new IllegalArgumentException(
          name + " must be from " + minimum + " to " + maximum + ", was " + value);
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " must be positive, was " + value);
    }
  }
}
