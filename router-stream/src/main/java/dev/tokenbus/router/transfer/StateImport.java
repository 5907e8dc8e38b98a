package dev.tokenbus.router.transfer;

import dev.tokenbus.router.inbound.Inbound;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the state over from the release before. Any number of instances may try at once: state and
 * offsets are written in one transaction, and the writer that began last fences off the others, so
 * that the import takes place once, and before any instance processes a record. The others wait
 * while it goes on.
 *
 * <p>Not thread-safe.
 */
public final class StateImport {
  private static final Logger LOG = LoggerFactory.getLogger(StateImport.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final KafkaSettings kafka;
  private final Application application;
  private final String predecessor;
  private final PredecessorBar bar;
  private final Deserializer<Inbound> requests;
  private final OtherImport other;
  private boolean told;

  /**
   * @param predecessor the application id of the release before
   * @param bar keeps the release before from running again
   * @param requests reads accepted requests
   */
  public StateImport(
      KafkaSettings kafka,
      Application application,
      String predecessor,
      PredecessorBar bar,
      Deserializer<Inbound> requests) {
    this.kafka = kafka;
    this.application = application;
    this.predecessor = predecessor;
    this.bar = bar;
    this.requests = requests;
    other = new OtherImport(application);
  }

  /**
   * Returns when the application may start: it has the state, or there is none to take over, and no
   * instance of the release before can run any more. As long as one does, it waits: both would run
   * every request.
   */
  public void await() throws InterruptedException {
    while (!attempt()) {
      Thread.sleep(PAUSE);
    }
  }

  private boolean attempt() throws InterruptedException {
    try (Admin admin = Admin.create(kafka.common())) {
      StreamsGroups groups = new StreamsGroups(admin);
      int members = groups.members(predecessor);
      if (members > 0) {
        standBy(members);
        return false;
      }
      if (groups.committed(application.group()).isEmpty() && !groups.ofConsumers(predecessor)) {
        Map<TopicPartition, OffsetAndMetadata> offsets = groups.committed(predecessor);
        if (!offsets.isEmpty()) {
          if (other.goesOn(groups)) {
            return false;
          }
          takeOver(groups, offsets);
        }
      }
      return bar.raise(groups);
    } catch (KafkaException | IllegalStateException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException("closed while the state was imported");
      }
      LOG.atWarn().setCause(e).log("state of the release before is not imported; trying again");
      return false;
    }
  }

  private void standBy(int members) {
    if (!told) {
      told = true;
      LOG.atWarn()
          .addKeyValue("predecessor", predecessor)
          .addKeyValue("members", members)
          .log("router stands by until no instance of the release before runs");
    }
  }

  private void takeOver(StreamsGroups groups, Map<TopicPartition, OffsetAndMetadata> offsets) {
    int partitions = groups.partitions(application.input());
    groups.create(application.changelog(), partitions, application.changelogSettings());
    try (StateWriter writer = new StateWriter(kafka, application);
        LogCopy log = new LogCopy(kafka)) {
      // From here on no other instance can commit: what it has committed before is seen now.
      if (!groups.committed(application.group()).isEmpty()) {
        return;
      }
      writer.begin();
      long entries = new PredecessorState(predecessor, log, requests).copy(groups, writer, offsets);
      writer.commit(offsets);
      LOG.atInfo()
          .addKeyValue("predecessor", predecessor)
          .addKeyValue("entries", entries)
          .addKeyValue("partitions", offsets.size())
          .log("state of the release before is imported");
    }
  }
}
