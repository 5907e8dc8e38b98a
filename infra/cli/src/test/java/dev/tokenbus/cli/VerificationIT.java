package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.projections.ProjectionsApp;
import dev.tokenbus.projections.ProjectionsSettings;
import dev.tokenbus.projections.store.DatabaseUrl;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.verify.Verification;
import dev.tokenbus.verify.findings.Difference;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.Findings;
import dev.tokenbus.verify.findings.RequestCounts;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** On a broker, a registry and a database, with the projections that fill it. */
@ExtendWith(SharedServers.class)
class VerificationIT {
  private static final Duration WAIT = Duration.ofSeconds(60);

  private final Addresses addresses;

  VerificationIT(EmbeddedBroker broker, EmbeddedPostgres postgres, InMemoryRegistry registry) {
    addresses =
        Addresses.of(
            Map.of(
                Addresses.KAFKA, broker.bootstrapServers(),
                Addresses.REGISTRY, registry.url(),
                Addresses.DATABASE, postgres.url()));
  }

  /** One test, because each step changes what the next one finds. */
  @Test
  void findsOnTopicsAndInTablesWhatWasLostDoubledAndChanged(@TempDir Path state) throws Exception {
    try (AppContext context = AppContext.open(addresses, state);
        LogWriter log = new LogWriter(context);
        Verification verification = Verifications.of(addresses)) {
      Instant now = Instant.now();
      RequestId id = log.completed(now);
      log.accepted(now, now.plusSeconds(3_600));

      Findings before = verification.run();
      assertThat(before.differences()).as("no projection has ever run").isEmpty();
      assertThat(before.topics()).isEqualTo(new RequestCounts(2, 1, 0, 0, 0, 1));
      assertThat(before.behind()).isEqualTo(3);

      RequestId second;
      try (ProjectionsApp _ = ProjectionsApp.start(context, ProjectionsSettings.from(addresses))) {
        second = log.completed(now);
        awaitRows(verification, 3);
      }
      Findings undisturbed = verification.run();
      assertThat(undisturbed.differences()).isEmpty();
      assertThat(undisturbed.tables()).isEqualTo(new RequestCounts(3, 2, 0, 0, 0, 1));
      assertThat(undisturbed.tables()).isEqualTo(undisturbed.topics());

      log.billed(id);
      RequestId unbilled = log.completedButNotBilled(now);
      RequestId stuck = log.accepted(now, now.minusSeconds(60));
      log.garbage(Topics.OUTCOMES);
      execute("DELETE FROM usage_events WHERE request_id = '" + second + "'");
      execute("UPDATE usage_events SET output_tokens = 1 WHERE request_id = '" + id + "'");

      assertThat(verification.run().differences())
          .extracting(Difference::kind, Difference::subject)
          .contains(
              tuple(DifferenceKind.BILLED_TWICE, id.toString()),
              tuple(DifferenceKind.WRONG_ROW, id.toString()),
              tuple(DifferenceKind.ROW_LOST, second.toString()),
              tuple(DifferenceKind.NOT_BILLED, unbilled.toString()),
              tuple(DifferenceKind.STUCK, stuck.toString()),
              tuple(DifferenceKind.LAW_BROKEN, "topics"))
          .hasSize(7)
          .anySatisfy(
              found -> assertThat(found.toList().getFirst()).isEqualTo(DifferenceKind.UNREADABLE));

      Findings unsettled = verification.runUntilSettled(Duration.ofSeconds(1));
      assertThat(unsettled.count(DifferenceKind.NOT_SETTLED)).isEqualTo(1);
    }
  }

  private static void awaitRows(Verification verification, long requests)
      throws InterruptedException {
    Instant end = Instant.now().plus(WAIT);
    Findings findings = verification.run();
    while (findings.tables().accepted() < requests || findings.behind() > 0) {
      assertThat(Instant.now()).as("rows in time, not %s", findings).isBefore(end);
      Thread.sleep(200);
      findings = verification.run();
    }
  }

  private void execute(String sql) throws Exception {
    try (Connection connection =
            DatabaseUrl.parse(addresses.databaseUrl()).dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }
}
