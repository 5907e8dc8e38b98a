package dev.tokenbus.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.topics.Topics;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the ingress writes of a request. */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AcceptedRequestIT {
  private final BlockingQueue<RequestAccepted> accepted = new LinkedBlockingQueue<>();
  private final Backbone backbone;

  AcceptedRequestIT(EmbeddedBroker broker, InMemoryRegistry registry) throws Exception {
    backbone = Backbone.start(broker.bootstrapServers(), registry.url());
  }

  @AfterAll
  void stop() {
    backbone.close();
  }

  @BeforeEach
  void answer() {
    accepted.clear();
    backbone
        .router()
        .follow((request, answer) -> {
          accepted.add(request);
          answer.admittedAsAsked(request);
          answer.records().opened(1, "m").text("ok").stop().completed(1, 1);
          answer.send();
        });
  }

  @Test
  void keepsASmallBodyInTheRecordAndItsFeaturesInTheHeader() throws Exception {
    backbone
        .client()
        .post(
            """
            {"model":"gpt-test","max_tokens":9,"models":["org/model-1"],
             "response_format":{"type":"json_object"},"tools":[{"type":"function","function":{"name":"f"}}],
             "messages":[{"role":"system","content":"Be brief"},{"role":"user","content":[
               {"type":"text","text":"何を見ますか ```"},{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]}\
            """);
    RequestAccepted request = accepted.take();

    assertThat(request.getBody()).isNull();
    assertThat(request.getContent()).isInstanceOf(InlineBody.class);
    assertThat(backbone.chat(request).getMessages()).hasSize(2);
    assertThat(request.getModelAsked()).isEqualTo("gpt-test");
    assertThat(request.getBodyKind()).isEqualTo(BodyKind.CHAT);
    assertThat(request.getPath()).isEqualTo("/v1/chat/completions");
    assertThat(request.getDoor()).isEqualTo("http");
    assertThat(request.getClientAddress()).isEqualTo("127.0.0.1");
    assertThat(request.getPreferences().getModels()).containsExactly("org/model-1");
    RequestFeatures features = request.getFeatures();
    assertThat(features.getEstimatedInputTokens()).isBetween(200L, 400L);
    assertThat(features.getMaxOutputTokens()).isEqualTo(9);
    assertThat(features.getMessages()).isEqualTo(2);
    assertThat(features.getTurns()).isEqualTo(1);
    assertThat(features.getImages()).isEqualTo(1);
    assertThat(features.getTools()).isEqualTo(1);
    assertThat(features.getLanguage()).isEqualTo("ja");
    assertThat(features.getCode()).isTrue();
    assertThat(features.getStructuredOutput()).isTrue();
    assertThat(features.getPrefixHash()).isNotNull();
    assertThat(features.getNeeds()).containsExactly("vision", "tools", "json");
  }

  @Test
  void givesEqualPrefixesOneHash() throws Exception {
    String prompt =
        "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"%s\"}]}";
    ByteBuffer one = prefixHash(prompt.formatted("Be brief", "A"));
    ByteBuffer another = prefixHash(prompt.formatted("Be brief", "B"));
    ByteBuffer different = prefixHash(prompt.formatted("Be long", "A"));

    assertThat(another).isEqualTo(one);
    assertThat(different).isNotEqualTo(one);
  }

  @Test
  void writesALargeBodyFirstAndRefersToIt() throws Exception {
    String text = "x".repeat(Topics.INLINE_BODY_BYTES);
    backbone
        .client()
        .post(
            "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + text
                + "\"}]}");
    RequestAccepted request = accepted.take();

    BodyReference reference = (BodyReference) request.getContent();
    assertThat(reference.getAt().getTopic()).isEqualTo(Topics.BODIES.name());
    assertThat(reference.getSize()).isGreaterThan(Topics.INLINE_BODY_BYTES);
    TextPart part =
        (TextPart) backbone.chat(request).getMessages().getFirst().getParts().getFirst();
    assertThat(part.getText().equals(text)).isTrue();
  }

  @Test
  void namesAnOffsetThatNoReplyOfTheRequestStandsBefore() throws Exception {
    String first = firstEventId(backbone.client().post(Client.chat(true)).body());
    RequestAccepted request = accepted.take();

    assertThat(request.getRepliesFrom()).isLessThan(offset(first)).isNotNegative();
    // As close as the bridge has read: nothing of an earlier request stands behind it.
    String second = firstEventId(backbone.client().post(Client.chat(true)).body());
    assertThat(accepted.take().getRepliesFrom()).isBetween(offset(first), offset(second));
  }

  @Test
  void hashesTheBodyAloneForIdempotencyAsTheFirstReleaseDid() throws Exception {
    String body = Client.chat(false);
    backbone
        .client()
        .send(
            "/v1/chat/completions",
            request ->
                request
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", "key-" + System.nanoTime())
                    .POST(HttpRequest.BodyPublishers.ofString(body)));

    assertThat(accepted.take().getBodyHash())
        .isEqualTo(
            ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(body.getBytes(UTF_8))));
  }

  @Test
  void writesWhatTheFirstReleaseReadsUntilTheUpgradeIsFinalized() throws Exception {
    backbone.writesAtLevel(Catalogue.FORMAT_OF_0_1);
    try {
      backbone.client().post(Client.chat(false));
      RequestAccepted request = accepted.take();

      assertThat(request.getContent()).isNull();
      assertThat(request.getBody().getModel()).isEqualTo("gpt-test");
      assertThat(request.getModelAsked()).isEqualTo("gpt-test");
    } finally {
      backbone.writesAtLevel(Catalogue.FORMAT_OF_0_2);
    }
  }

  private ByteBuffer prefixHash(String body) throws Exception {
    backbone.client().post(body);
    return accepted.take().getFeatures().getPrefixHash();
  }

  private static String firstEventId(String stream) {
    return stream.substring("id: ".length(), stream.indexOf('\n'));
  }

  private static long offset(String eventId) {
    return Long.parseLong(eventId.substring(0, eventId.indexOf('.')));
  }
}
