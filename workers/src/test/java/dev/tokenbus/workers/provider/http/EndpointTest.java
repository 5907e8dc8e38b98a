package dev.tokenbus.workers.provider.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class EndpointTest {
  private static final String KEY = "sk-live-0123456789abcdef";
  private final Endpoint endpoint =
      new Endpoint("openai", URI.create("https://x/v1"), KEY, "OPENAI_API_KEY");

  @Test
  void neverRepeatsTheKey() {
    assertThat(endpoint.toString()).doesNotContain(KEY);
    assertThat(endpoint.withoutKey("Key " + KEY + " or sk-pro***xyz is wrong"))
        .isEqualTo("Key *** or *** is wrong");
  }

  @Test
  void addsPathsToItsAddress() {
    assertThat(endpoint.url("/chat/completions"))
        .isEqualTo(URI.create("https://x/v1/chat/completions"));
  }
}
