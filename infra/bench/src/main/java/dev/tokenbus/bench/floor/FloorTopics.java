package dev.tokenbus.bench.floor;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;

/** Three topics of one partition and one replica that exist while the floor is measured. */
final class FloorTopics implements AutoCloseable {
  private final Admin admin;
  private final List<String> names;

  FloorTopics(FloorClients clients, String run) throws InterruptedException {
    names = Stream.of("a", "b", "c").map(hop -> "bench-floor-" + run + "-" + hop).toList();
    admin = clients.admin();
    try {
      admin
          .createTopics(names.stream().map(name -> new NewTopic(name, 1, (short) 1)).toList())
          .all()
          .get();
    } catch (ExecutionException e) {
      admin.close();
      throw new IllegalStateException("cannot create the floor's topics", e.getCause());
    }
  }

  String name(int hop) {
    return names.get(hop);
  }

  /** Lets the share group begin with the first record, also one that came before its member. */
  void shareFromTheBeginning(String group) throws InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    AlterConfigOp earliest =
        new AlterConfigOp(
            new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
    try {
      admin.incrementalAlterConfigs(Map.of(resource, List.of(earliest))).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot configure the share group", e.getCause());
    }
  }

  /** Deletes the topics. */
  @Override
  public void close() {
    try (admin) {
      admin.deleteTopics(names).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot delete the floor's topics", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
