package dev.tokenbus.router.streams;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The number of standby copies of each task's store. The streams group protocol (KIP-1071) has it
 * as a setting of the group on the broker and not of the client.
 */
public final class StandbyReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(StandbyReplicas.class);
  private static final String SETTING = "streams.num.standby.replicas";
  private static final long TIMEOUT_SECONDS = 30;

  private StandbyReplicas() {}

  /**
   * Sets the number for a group. A broker that refuses it, since it allows fewer or its clients no
   * group settings at all, is warned of: the application runs without standbys as well.
   *
   * @return whether the broker has taken the number
   * @throws IllegalStateException if the broker does not answer
   */
  public static boolean set(Admin admin, String group, int standbys) {
    AlterConfigOp number =
        new AlterConfigOp(
            new ConfigEntry(SETTING, Integer.toString(standbys)), AlterConfigOp.OpType.SET);
    try {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), List.of(number)))
          .all()
          .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        throw new IllegalStateException(
            "The broker did not set the standby replicas of group " + group, e.getCause());
      }
      LOG.atWarn()
          .setCause(e.getCause())
          .addKeyValue("group", group)
          .addKeyValue("standbys", standbys)
          .log("broker refuses the number of standby replicas; the group keeps its own");
      return false;
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The broker did not set the standby replicas of group " + group, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while setting standby replicas", e);
    }
  }
}
