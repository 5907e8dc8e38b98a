package dev.tokenbus.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.registry.ConfluentClient.Reply;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every registry that Tokenbus meets must do; each test has subjects and schemas of its own.
 */
abstract class RegistryContract {
  private final String unique = UUID.randomUUID().toString().replace("-", "");
  private final String subject = "topic-" + unique + "-value";
  private final String one = ConfluentClient.record("R" + unique, "a");
  private final String more = ConfluentClient.record("R" + unique, "a", "b");
  private final String other =
      "{\"type\":\"record\",\"name\":\"R%s\",\"fields\":[{\"name\":\"n\",\"type\":\"long\"}]}"
          .formatted(unique);

  private ConfluentClient client;

  RegistryContract() {
    client = new ConfluentClient("http://127.0.0.1:0");
  }

  abstract String url();

  @BeforeEach
  void connect() {
    client.close();
    client = new ConfluentClient(url());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void givesTheSameSchemaTheSameIdInEverySubject() throws Exception {
    int id = client.register(subject, one);
    assertThat(client.register(subject, one)).isEqualTo(id);
    assertThat(client.register("other-" + subject, one)).isEqualTo(id);
    assertThat(client.register(subject, more)).isNotEqualTo(id);
  }

  @Test
  void findsASchemaByItsId() throws Exception {
    int id = client.register(subject, one);
    Reply reply = client.get("/schemas/ids/" + id);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).contains("\"schema\"", "R" + unique);
  }

  @Test
  void answers404ForAnUnknownId() throws Exception {
    Reply reply = client.get("/schemas/ids/987654321");
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.body()).contains("40403");
  }

  @Test
  void answers404ForAnUnknownSubject() throws Exception {
    Reply reply = client.get("/subjects/nobody-" + unique + "/versions");
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.body()).contains("40401");
  }

  @Test
  void listsSubjectsAndVersions() throws Exception {
    client.register(subject, one);
    client.register(subject, more);
    assertThat(client.get("/subjects").body()).contains("\"" + subject + "\"");
    assertThat(client.get("/subjects/" + subject + "/versions").body())
        .isEqualToIgnoringWhitespace("[1,2]");
    assertThat(client.get("/subjects/" + subject + "/versions/latest").body())
        .contains("\"version\":2");
    assertThat(client.get("/subjects/" + subject + "/versions/1").body()).contains("\"version\":1");
  }

  @Test
  void tellsUnderWhichVersionASubjectHasASchema() throws Exception {
    client.register(subject, one);
    int id = client.register(subject, more);
    Reply reply = client.post("/subjects/" + subject, ConfluentClient.schemaBody(more));
    assertThat(reply.body()).contains("\"version\":2", "\"id\":" + id);
    assertThat(client.post("/subjects/" + subject, ConfluentClient.schemaBody(other)).status())
        .isEqualTo(404);
  }

  @Test
  void refusesASchemaThatCannotReadTheOneBefore() throws Exception {
    assertThat(
            client
                .put("/config/" + subject, "{\"compatibility\":\"BACKWARD_TRANSITIVE\"}")
                .status())
        .isEqualTo(200);
    assertThat(client.get("/config/" + subject).body()).contains("BACKWARD_TRANSITIVE");
    client.register(subject, one);
    client.register(subject, more);
    Reply reply =
        client.post("/subjects/" + subject + "/versions", ConfluentClient.schemaBody(other));
    assertThat(reply.status()).isEqualTo(409);
    assertThat(
            client
                .post(
                    "/compatibility/subjects/" + subject + "/versions/latest",
                    ConfluentClient.schemaBody(other))
                .body())
        .contains("\"is_compatible\":false");
    assertThat(
            client
                .post(
                    "/compatibility/subjects/" + subject + "/versions/latest",
                    ConfluentClient.schemaBody(one))
                .body())
        .contains("\"is_compatible\":true");
  }

  @Test
  void takesAnythingWhereCompatibilityIsOff() throws Exception {
    client.put("/config/" + subject, "{\"compatibility\":\"NONE\"}");
    client.register(subject, one);
    assertThat(client.register(subject, other)).isPositive();
  }

  @Test
  void refusesWhatIsNoSchema() throws Exception {
    Reply reply =
        client.post(
            "/subjects/" + subject + "/versions", "{\"schema\":\"{\\\"type\\\":\\\"recrod\\\"}\"}");
    assertThat(reply.status()).isEqualTo(422);
  }

  @Test
  void refusesACompatibilityThatDoesNotExist() throws Exception {
    assertThat(client.put("/config/" + subject, "{\"compatibility\":\"SIDEWAYS\"}").status())
        .isEqualTo(422);
  }
}
