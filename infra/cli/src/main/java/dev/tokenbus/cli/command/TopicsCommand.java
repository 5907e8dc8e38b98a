package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.CommandFailedException;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.cli.terminal.Table;
import dev.tokenbus.cli.topics.TopicState;
import dev.tokenbus.runtime.CatalogueAccess;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.telemetry.Logging;
import dev.tokenbus.schemas.topics.Topics;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code tokenbus topics}. */
@Command(
    name = "topics",
    description = {
      "List the topics.",
      "RECORDS counts offsets from the first kept record to the end, so that removed and transaction records count,"
          + " too. LAG is what consumer groups have yet to read, of the group that is furthest behind."
    })
public final class TopicsCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  /** Does nothing yet. */
  public TopicsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Logging.toStandardError(session.verbose());
    KafkaSettings kafka = new KafkaSettings(home.addresses(session));
    try (Admin admin = Admin.create(kafka.common())) {
      Map<String, TopicState> topics = TopicState.read(admin);
      Table table =
          new Table(Set.of(1, 2, 3, 4), "TOPIC", "PARTITIONS", "RECORDS", "MB", "LAG", "GROUP");
      topics.forEach((name, state) ->
          table.add(
              name,
              state.partitions(),
              state.records(),
              "%.1f".formatted(state.bytes() / 1e6),
              state.group().isEmpty() ? "" : state.lag(),
              state.group()));
      Topics.all().stream()
          .map(topic -> topic.name())
          .filter(name -> !topics.containsKey(name))
          .forEach(name -> table.add(name, "missing", "", "", "", ""));
      table.print(session.out());
      printFormat();
    } catch (ExecutionException e) {
      throw new CommandFailedException("the broker did not answer: " + e.getCause(), e);
    }
    return ExitCode.OK;
  }

  private void printFormat() {
    try (CatalogueAccess access = CatalogueAccess.open(home.addresses(session))) {
      int level = access.publisher().formatLevel();
      session
          .out()
          .println(
              "format level "
                  + level
                  + (level < Catalogue.FORMAT_OF_0_2
                      ? ": an upgrade is not finished; see \"tokenbus finalize-upgrade --help\""
                      : ""));
    }
  }
}
