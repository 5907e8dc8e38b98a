package dev.tokenbus.verify;

import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.verify.findings.Difference;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.Findings;
import dev.tokenbus.verify.ledger.GracePeriods;
import dev.tokenbus.verify.reading.LogReading;
import dev.tokenbus.verify.reading.RetentionReader;
import dev.tokenbus.verify.reading.TableReader;
import dev.tokenbus.verify.reading.TopicReader;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;

/**
 * Compares accepted requests with their outcomes, bills, replies and rows.
 *
 * <p>Reads everything that is retained and writes nothing; requests may run meanwhile. Needs about
 * 500 bytes of memory per request. Not thread-safe.
 */
public final class Verification implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Clock clock;
  private final GracePeriods grace;
  private final Admin admin;
  private final SchemaRegistry registry;
  private final TopicReader topics;
  private final LogReading reading;

  /**
   * Connects to broker and registry, and later to the database.
   *
   * @param database that holds the projections' tables
   * @throws IllegalStateException if an address is missing
   */
  public Verification(Addresses addresses, DataSource database, Clock clock, GracePeriods grace) {
    this.clock = clock;
    this.grace = grace;
    KafkaSettings kafka = new KafkaSettings(addresses);
    registry = new SchemaRegistry(URI.create(addresses.registryUrl()));
    admin = Admin.create(kafka.common());
    topics = new TopicReader(kafka);
    reading =
        new LogReading(
            topics,
            new RetentionReader(admin, topics),
            new TableReader(database),
            new TopicSchemas(registry));
  }

  /**
   * Reads once.
   *
   * @throws IllegalStateException if broker or database do not answer
   */
  public Findings run() {
    return reading.read(clock.instant(), grace);
  }

  /**
   * Reads again and again until every request has ended and is written. What is not settled at the
   * limit is a difference too.
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
