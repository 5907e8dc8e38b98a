package dev.tokenbus.ingress;

import dev.tokenbus.ingress.chat.ResponseSettings;
import dev.tokenbus.ingress.replies.live.FeedLimits;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * The settings of an ingress instance. {@link #from} names the environment variable of each.
 *
 * @param host the address it listens on
 * @param port the port it listens on; 0 takes a free one
 * @param instanceId its hash decides which partition of {@code replies} the instance reads
 * @param maxBodyBytes a larger request body gets 413
 * @param maxInFlight how many requests may run at once; one more gets 429
 * @param deadline how long after its acceptance a request fails if it has not ended
 * @param heartbeat after this much silence a stream gets a comment
 * @param commitAfter how long after its admission a stream may still fail with an error status;
 *     then its status becomes 200
 * @param drain how long {@link IngressApp#close()} lets requests finish
 * @param linger how long an idle connection stays open while the instance shuts down
 * @param feed how much of a response may wait in memory for a slow client
 * @param allowedOrigins the CORS origins; {@code *} alone allows any
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

  /** 10 MB in SI units. */
  public static final int DEFAULT_MAX_BODY_BYTES = 10_000_000;

  private static final String PREFIX = "TOKENBUS_";
  private static final int MOST_PORT = 65_535;
  private static final int MOST_IN_FLIGHT = 1_000_000;

  /** A body and its header must fit into one record. */
  private static final int LARGEST_BODY_BYTES = 11 * 1024 * 1024;

  public IngressSettings {
    allowedOrigins = List.copyOf(allowedOrigins);
    requireRange("port", port, 0, MOST_PORT);
    requireRange("maxBodyBytes", maxBodyBytes, 1, LARGEST_BODY_BYTES);
    requireRange("maxInFlight", maxInFlight, 1, MOST_IN_FLIGHT);
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
   * (separated by commas). As everywhere, a value may name another variable as {@code ${NAME}}.
   *
   * @throws IllegalArgumentException if a value cannot be understood; the message names it
   */
  public static IngressSettings from(Addresses addresses) {
    IngressSettings base = defaults();
    Settings settings = new Settings(addresses, PREFIX);
    return new IngressSettings(
        settings.text("HOST").orElse(base.host),
        (int) settings.number("PORT", base.port, 0, MOST_PORT),
        settings.text("INSTANCE_ID").orElse(base.instanceId),
        (int) settings.number("MAX_BODY_BYTES", base.maxBodyBytes, 1, LARGEST_BODY_BYTES),
        (int) settings.number("MAX_IN_FLIGHT", base.maxInFlight, 1, MOST_IN_FLIGHT),
        settings.millis("DEADLINE_MS", base.deadline),
        settings.millis("HEARTBEAT_MS", base.heartbeat),
        settings.millis("COMMIT_AFTER_MS", base.commitAfter),
        settings.millis("DRAIN_MS", base.drain),
        settings.millis("LINGER_MS", base.linger),
        new FeedLimits(
            settings.number("FEED_RECORDS", base.feed.records()),
            settings.number("FEED_BYTES", base.feed.bytes())),
        settings.words("ALLOWED_ORIGINS", base.allowedOrigins));
  }

  /** The part that waiting for and writing responses needs. */
  ResponseSettings response() {
    return new ResponseSettings(deadline, heartbeat, commitAfter, feed);
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

  public IngressSettings withDrain(Duration newDrain) {
    return new IngressSettings(
        host,
        port,
        instanceId,
        maxBodyBytes,
        maxInFlight,
        deadline,
        heartbeat,
        commitAfter,
        newDrain,
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
