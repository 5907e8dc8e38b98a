package dev.tokenbus.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code asyncapi.yaml} says the same as the catalogue. */
class AsyncApiTest {
  private static final Path FILE = Path.of("asyncapi.yaml");

  private final JsonNode document = read();

  @Test
  void namesEveryTopicAndNoOther() {
    List<String> addresses = new ArrayList<>();
    document.path("channels").forEach(channel -> addresses.add(channel.path("address").asText()));

    assertThat(addresses)
        .containsExactlyInAnyOrderElementsOf(
            Topics.documented().stream().map(AsyncApiTest::address).toList());
  }

  @Test
  void givesEveryTopicItsKeySettingsAndSchema() {
    for (Topic topic : Topics.documented()) {
      JsonNode channel = channel(topic);
      JsonNode kafka = channel.path("bindings").path("kafka");
      JsonNode settings = kafka.path("topicConfiguration");
      assertThat(kafka.path("partitions").asInt()).as(topic.name()).isEqualTo(topic.partitions());
      assertThat(settings.path("cleanup.policy").path(0).asText())
          .as(topic.name())
          .isEqualTo(topic.settings().get("cleanup.policy"));
      assertThat(settings.path("max.message.bytes").asText())
          .as(topic.name())
          .isEqualTo(topic.settings().get("max.message.bytes"));
      assertThat(settings.path("retention.ms").asText(null))
          .as(topic.name())
          .isEqualTo(topic.settings().get("retention.ms"));

      JsonNode messages = channel.path("messages");
      assertThat(messages.size()).as(topic.name()).isEqualTo(1);
      JsonNode message = messages.elements().next();
      assertThat(messages.fieldNames().next()).isEqualTo(topic.schema().getName());
      assertThat(message.path("bindings").path("kafka").path("key").path("description").asText())
          .as(topic.name())
          .isEqualTo(topic.key());
      assertThat(message.path("payload").path("schema").path("$ref").asText())
          .as(topic.name())
          .endsWith("/" + topic.subject() + ".avsc");
    }
  }

  @Test
  void pointsAtSchemasThatAreThere() {
    for (Topic topic : Topics.documented()) {
      String reference =
          channel(topic)
              .path("messages")
              .elements()
              .next()
              .path("payload")
              .path("schema")
              .path("$ref")
              .asText();
      assertThat(FILE.resolveSibling(reference)).exists();
    }
  }

  private JsonNode channel(Topic topic) {
    for (JsonNode channel : document.path("channels")) {
      if (channel.path("address").asText().equals(address(topic))) {
        return channel;
      }
    }
    throw new AssertionError("No channel for topic " + topic.name());
  }

  private static String address(Topic topic) {
    return topic.name().startsWith("work.") ? "work.{provider}.{class}" : topic.name();
  }

  private static JsonNode read() {
    try {
      return new YAMLMapper().readTree(FILE.toFile());
    } catch (IOException e) {
      throw new AssertionError("Cannot read " + FILE.toAbsolutePath(), e);
    }
  }
}
