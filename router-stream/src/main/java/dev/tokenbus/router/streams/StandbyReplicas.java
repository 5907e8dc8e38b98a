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

/**
 * The number of standby copies of each task's store. The streams group protocol (KIP-1071) has it
 * as a setting of the group on the broker and not of the client.
 */
public final class StandbyReplicas {
  private static final String SETTING = "streams.num.standby.replicas";
  private static final long TIMEOUT_SECONDS = 30;

  private StandbyReplicas() {}

  /**
   * Sets the number for a group.
   *
   * @throws IllegalStateException if the broker refuses it or does not answer
   */
  public static void set(Admin admin, String group, int standbys) {
    AlterConfigOp number =
        new AlterConfigOp(
            new ConfigEntry(SETTING, Integer.toString(standbys)), AlterConfigOp.OpType.SET);
    try {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), List.of(number)))
          .all()
          .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "The broker refuses " + standbys + " standby replicas for group " + group, e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The broker did not set the standby replicas of group " + group, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while setting standby replicas", e);
    }
  }
}
