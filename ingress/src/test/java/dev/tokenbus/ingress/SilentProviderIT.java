package dev.tokenbus.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * OpenAI's own SDKs read a stream whose provider says nothing for twelve seconds, so that a
 * heartbeat comes between two events. The Python SDK is installed from the package index into
 * {@code target/}.
 */
@ExtendWith(SharedServers.class)
class SilentProviderIT {
  private static final Path VENV = Path.of("target", "python-sdk").toAbsolutePath();
  private static final String OPENAI = "openai==3.57.0";
  private static final long SILENCE_MS = 12_000;

  private final EmbeddedBroker broker;
  private final InMemoryRegistry registry;

  SilentProviderIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  @Test
  void aPythonClientReadsPastTheHeartbeat() throws Exception {
    Path python = pythonWithOpenAi();
    try (Backbone backbone = start()) {
      String out =
          run(
              Map.of(
                  "OPENAI_BASE_URL", backbone.ingress().url() + "/v1",
                  "OPENAI_API_KEY", Backbone.KEY,
                  "MODEL", Backbone.MODEL),
              python.toString(),
              Path.of("src", "test", "python", "read_stream.py").toString());

      assertThat(out.strip()).isEqualTo("before after stop");
    }
  }

  @Test
  void aJavaClientReadsPastTheHeartbeat() throws Exception {
    try (Backbone backbone = start()) {
      OpenAIClient client =
          OpenAIOkHttpClient.builder()
              .baseUrl(backbone.ingress().url() + "/v1")
              .apiKey(Backbone.KEY)
              .build();
      try (StreamResponse<ChatCompletionChunk> chunks =
          client
              .chat()
              .completions()
              .createStreaming(
                  ChatCompletionCreateParams.builder()
                      .model(Backbone.MODEL)
                      .addUserMessage("Hi")
                      .build())) {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        chunks.stream().forEach(whole::accumulate);

        assertThat(whole.chatCompletion().choices().getFirst().message().content())
            .hasValue("before after");
      } finally {
        client.close();
      }
    }
  }

  private Backbone start() throws Exception {
    Backbone backbone = Backbone.start(broker.bootstrapServers(), registry.url());
    backbone
        .router()
        .follow((request, answer) -> {
          answer.records().admitted(true, false).opened(1, "m").text("before ");
          answer.send();
          Thread.sleep(SILENCE_MS);
          answer.records().text("after").stop().completed(1, 2);
          answer.send();
        });
    return backbone;
  }

  private static Path pythonWithOpenAi() throws IOException, InterruptedException {
    assumeTrue(isInstalled("python3"), "There is no python3 on this machine");
    Path python = VENV.resolve("bin").resolve("python");
    if (!Files.isExecutable(python)) {
      run(Map.of(), "python3", "-m", "venv", VENV.toString());
    }
    run(Map.of(), python.toString(), "-m", "pip", "install", "--quiet", OPENAI);
    return python;
  }

  private static boolean isInstalled(String command) throws InterruptedException {
    try {
      return new ProcessBuilder(command, "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns what the command printed; fails with all of it if the command failed. */
  private static String run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s printed%n%s", List.of(command), out).isZero();
    return out;
  }
}
