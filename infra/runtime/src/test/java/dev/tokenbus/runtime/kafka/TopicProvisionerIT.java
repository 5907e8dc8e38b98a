package dev.tokenbus.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class TopicProvisionerIT {
  private final Admin admin;

  TopicProvisionerIT(EmbeddedBroker broker) {
    admin = Admin.create(new TestTopics(broker).kafka().common());
  }

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void givesATopicOfAnEarlierReleaseWhatThisOneAddsAndChangesNothingElse() throws Exception {
    Topic topic = topic("earlier-" + System.nanoTime(), Topic.Cleanup.COMPACT);
    create(topic, Map.of("cleanup.policy", "compact", "delete.retention.ms", "7000"));

    new TopicProvisioner(admin).provision(List.of(topic));

    await()
        .untilAsserted(() -> {
          Config config = config(topic);
          assertThat(config.get("segment.ms").value()).isEqualTo("600000");
          assertThat(config.get("min.cleanable.dirty.ratio").value()).isEqualTo("0.1");
          assertThat(config.get("delete.retention.ms").value()).isEqualTo("7000");
          assertThat(config.get("max.message.bytes").source())
              .isNotEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        });
  }

  @Test
  void leavesATopicTheSettingsThatItsOperatorGaveIt() throws Exception {
    Topic topic = topic("operated-" + System.nanoTime(), Topic.Cleanup.DELETE);
    create(topic, Map.of("segment.ms", "1234567"));

    new TopicProvisioner(admin).provision(List.of(topic));

    assertThat(config(topic).get("segment.ms").value()).isEqualTo("1234567");
  }

  private void create(Topic topic, Map<String, String> settings) throws Exception {
    admin
        .createTopics(
            List.of(new NewTopic(topic.name(), Optional.of(1), Optional.empty()).configs(settings)))
        .all()
        .get();
  }

  private Config config(Topic topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
    return admin.describeConfigs(List.of(resource)).all().get().values().iterator().next();
  }

  private static Topic topic(String name, Topic.Cleanup cleanup) {
    return new Topic(
        name,
        "key",
        Controls.TODAY,
        1,
        cleanup,
        Duration.ofDays(1),
        Duration.ofMinutes(10),
        1024 * 1024);
  }
}
