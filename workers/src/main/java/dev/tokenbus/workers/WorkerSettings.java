package dev.tokenbus.workers;

import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.config.Settings;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Settings of one worker.
 *
 * @param workerId unique among the workers that live
 * @param flushInterval how long output after a stream's first may be gathered; zero to send every
 *     read at once
 * @param drainLimit how long running calls may go on after {@link WorkerApp#close}, before they are
 *     handed over
 * @param drainCeiling how much longer the streams may go on that no other worker could continue
 * @param deliveryTimeout how long a record may take to be acknowledged by the broker before its
 *     attempt fails
 * @param slotCeiling most calls at once of one pool, where the provider's entry does not say
 */
public record WorkerSettings(
    String workerId,
    Duration flushInterval,
    Duration drainLimit,
    Duration drainCeiling,
    Duration deliveryTimeout,
    int slotCeiling) {
  /** Name of the worker; by default the host's name, the process id and a random number. */
  public static final String WORKER_ID = "TOKENBUS_WORKER_ID";

  /** Milliseconds for which output after a stream's first may be gathered. */
  public static final String FLUSH_INTERVAL_MS = "TOKENBUS_WORKER_FLUSH_INTERVAL_MS";

  /** Milliseconds for which a stopping worker lets its calls go on. */
  public static final String DRAIN_LIMIT_MS = "TOKENBUS_WORKER_DRAIN_LIMIT_MS";

  /**
   * Milliseconds for which a stopping worker waits for streams that no other worker could continue.
   */
  public static final String DRAIN_CEILING_MS = "TOKENBUS_WORKER_DRAIN_CEILING_MS";

  /** Most calls at once of one pool, where the provider's entry does not say. */
  public static final String SLOT_CEILING = "TOKENBUS_WORKER_SLOT_CEILING";

  /** Milliseconds for which the broker may be away before attempts fail. */
  public static final String DELIVERY_TIMEOUT_MS = "TOKENBUS_WORKER_DELIVERY_TIMEOUT_MS";

  private static final String HOST_NAME = "HOSTNAME";
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(10);
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(20);

  /** Longer than a request's usual deadline, which ends its stream anyway. */
  private static final Duration DRAIN_CEILING = Duration.ofHours(1);

  /** What is left to do once no call runs any more, and a margin. */
  private static final Duration CLOSING = Duration.ofSeconds(30);

  private static final int USUAL_SLOT_CEILING = 2_048;
  private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(60);

  public WorkerSettings {
    if (!workerId.matches("[A-Za-z0-9._-]{1,128}")) {
      throw new IllegalArgumentException(
          "A worker's id has 1 to 128 letters, digits, dots, hyphens and underscores, not "
              + workerId);
    }
    requireNotNegative(FLUSH_INTERVAL_MS, flushInterval);
    requireNotNegative(DRAIN_LIMIT_MS, drainLimit);
    requireNotNegative(DRAIN_CEILING_MS, drainCeiling);
    if (slotCeiling < 1) {
      throw new IllegalArgumentException(SLOT_CEILING + " must be positive, was " + slotCeiling);
    }
    if (deliveryTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(DELIVERY_TIMEOUT_MS + " must be positive");
    }
  }

  /**
   * Reads the settings, each with its default.
   *
   * @throws IllegalArgumentException if a value is not in its range; the message names the variable
   */
  public static WorkerSettings from(Addresses addresses) {
    Settings settings = new Settings(addresses, "");
    return new WorkerSettings(
        settings.text(WORKER_ID).orElseGet(() -> uniqueId(addresses)),
        settings.millis(FLUSH_INTERVAL_MS, FLUSH_INTERVAL),
        settings.millis(DRAIN_LIMIT_MS, DRAIN_LIMIT),
        settings.millis(DRAIN_CEILING_MS, DRAIN_CEILING),
        settings.millis(DELIVERY_TIMEOUT_MS, DELIVERY_TIMEOUT),
        settings.number(SLOT_CEILING, USUAL_SLOT_CEILING));
  }

  public WorkerSettings withDrainLimit(Duration limit) {
    return new WorkerSettings(
        workerId, flushInterval, limit, drainCeiling, deliveryTimeout, slotCeiling);
  }

  /**
   * With a bound on the wait for streams that no other worker could continue.
   *
   * @param ceiling counted from the drain limit on
   */
  public WorkerSettings withDrainCeiling(Duration ceiling) {
    return new WorkerSettings(
        workerId, flushInterval, drainLimit, ceiling, deliveryTimeout, slotCeiling);
  }

  /** How long {@link WorkerApp#close} takes at most. */
  Duration stopLimit() {
    return drainLimit.plus(drainCeiling).plus(CLOSING);
  }

  private static String uniqueId(Addresses addresses) {
    byte[] random = new byte[3];
    new SecureRandom().nextBytes(random);
    String host = addresses.get(HOST_NAME).orElse("worker").replaceAll("[^A-Za-z0-9._-]", "-");
    return (host.length() <= 64 ? host : host.substring(0, 64))
        + "-"
        + ManagementFactory.getRuntimeMXBean().getPid()
        + "-"
        + HexFormat.of().formatHex(random);
  }

  private static void requireNotNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative");
    }
  }
}
