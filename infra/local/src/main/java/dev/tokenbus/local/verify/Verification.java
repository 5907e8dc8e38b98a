package dev.tokenbus.local.verify;

import dev.tokenbus.projections.store.DatabaseUrl;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/**
 * Compares what was accepted with how it ended, what was billed, what clients can read and what the
 * tables hold.
 *
 * <p>Reads everything that is kept and writes nothing; may run while requests do. Needs some 500
 * bytes of memory per request. Not thread-safe.
 */
public final class Verification implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Clock clock;
  private final Patience patience;
  private final Admin admin;
  private final SchemaRegistry registry;
  private final TopicReader topics;
  private final Reading reading;

  /**
   * Connects to broker and registry, and later to the database.
   *
   * @throws IllegalStateException if an address is missing
   */
  public Verification(Addresses addresses, Clock clock, Patience patience) {
    this.clock = clock;
    this.patience = patience;
    KafkaSettings kafka = new KafkaSettings(addresses);
    registry = new SchemaRegistry(URI.create(addresses.registryUrl()));
    admin = Admin.create(kafka.common());
    topics = new TopicReader(kafka);
    reading =
        new Reading(
            topics,
            new HorizonReader(admin, topics),
            new TableReader(DatabaseUrl.parse(addresses.databaseUrl()).dataSource()),
            new TopicSchemas(registry));
  }

  /**
   * Reads once.
   *
   * @throws IllegalStateException if broker or database do not answer
   */
  public Findings run() {
    return reading.read(clock.instant(), patience);
  }

  /**
   * Reads again and again until everything has ended and is written down, but not longer than told;
   * if it has not, that is a difference, too.
   *
   * @throws IllegalStateException if broker or database do not answer
   */
  public Findings runUntilSettled(Duration limit) throws InterruptedException {
    Instant end = clock.instant().plus(limit);
    while (true) {
      Findings findings = run();
      if (findings.settled()) {
        return findings;
      }
      if (clock.instant().isAfter(end)) {
        return findings.with(
            List.of(
                new Difference(
                    DifferenceKind.NOT_SETTLED,
                    "all",
                    "in flight %d, settling %d, not in the tables yet %d"
                        .formatted(
                            findings.topics().inFlight(),
                            findings.settling(),
                            findings.behind()))));
      }
      Thread.sleep(PAUSE);
    }
  }

  @Override
  public void close() {
    try (registry;
        admin;
        topics) {
      // closed in reverse order
    }
  }
}
