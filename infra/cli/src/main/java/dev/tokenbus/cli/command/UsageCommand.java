package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.CommandFailedException;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.cli.terminal.Table;
import dev.tokenbus.projections.query.UsageEvent;
import dev.tokenbus.projections.query.UsageQuery;
import dev.tokenbus.projections.query.UsageTotal;
import dev.tokenbus.runtime.telemetry.Logging;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tokenbus usage}. */
@Command(
    name = "usage",
    description = "Show the latest requests with their tokens, or totals by day, tenant and model.")
public final class UsageCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "ROWS",
      defaultValue = "20",
      description = "How many requests. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--days",
      paramLabel = "DAYS",
      description = "Totals of so many days (UTC), today included.")
  private @Nullable Integer days;

  /** Does nothing yet. */
  public UsageCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Logging.toStandardError(session.verbose());
    UsageQuery query = new UsageQuery(home.addresses(session).databaseUrl());
    try {
      Integer wanted = days;
      if (wanted == null) {
        requests(query.latest(limit)).print(session.out());
      } else {
        LocalDate today = LocalDate.now(Clock.system(ZoneOffset.UTC));
        totals(query.totals(today.minusDays(wanted - 1L), today)).print(session.out());
      }
    } catch (JdbiException e) {
      throw new CommandFailedException(
          "the database cannot be read: " + rootOf(e).getMessage() + ". Is Tokenbus running?", e);
    }
    return ExitCode.OK;
  }

  private static Table requests(List<UsageEvent> events) {
    Table table =
        new Table(
            Set.of(6, 7, 8),
            "ACCEPTED",
            "REQUEST",
            "TENANT",
            "MODEL",
            "PROVIDER",
            "STATUS",
            "INPUT",
            "OUTPUT",
            "SECONDS",
            "COUNTED BY");
    for (UsageEvent event : events) {
      table.add(
          TIME.format(event.acceptedAt()),
          event.requestId(),
          event.tenant(),
          event.model(),
          Objects.requireNonNullElse(event.provider(), ""),
          event.errorCode() == null ? event.status() : event.status() + ": " + event.errorCode(),
          event.inputTokens(),
          event.outputTokens(),
          "%.2f"
              .formatted(Duration.between(event.acceptedAt(), event.finishedAt()).toMillis() / 1e3),
          event.usageSource());
    }
    return table;
  }

  private static Table totals(List<UsageTotal> totals) {
    Table table =
        new Table(
            Set.of(3, 4, 5, 6),
            "DAY",
            "TENANT",
            "MODEL",
            "REQUESTS",
            "COMPLETED",
            "INPUT",
            "OUTPUT");
    for (UsageTotal total : totals) {
      table.add(
          total.day(),
          total.tenant(),
          total.model(),
          total.requests(),
          total.completed(),
          total.inputTokens(),
          total.outputTokens());
    }
    return table;
  }

  private static Throwable rootOf(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
