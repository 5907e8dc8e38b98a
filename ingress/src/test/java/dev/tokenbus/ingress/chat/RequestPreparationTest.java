package dev.tokenbus.ingress.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.Protocol;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RequestPreparationTest {
  private static final byte[] BODY = "{}".getBytes(UTF_8);

  @Test
  void oneBodyIsTwoRequestsOnTwoPathsOrInTwoProtocols() {
    ByteBuffer chat = hash(Protocol.OPENAI_CHAT, "/v1/chat/completions");
    ByteBuffer messages = hash(Protocol.ANTHROPIC_MESSAGES, "/v1/messages");
    ByteBuffer gemini = hash(Protocol.GEMINI_GENERATE, "/v1beta/models/a:generateContent");

    assertThat(hash(Protocol.OPENAI_CHAT, "/v1/chat/completions")).isEqualTo(chat);
    assertThat(messages).isNotEqualTo(chat);
    assertThat(hash(Protocol.GEMINI_GENERATE, "/v1beta/models/b:generateContent"))
        .isNotEqualTo(gemini)
        .isNotEqualTo(messages);
  }

  private static ByteBuffer hash(Protocol protocol, String path) {
    return RequestPreparation.hash(protocol, path, BODY);
  }
}
