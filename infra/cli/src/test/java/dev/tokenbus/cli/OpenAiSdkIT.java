package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.bench.provider.ReceivedRequest;
import dev.tokenbus.cli.LocalStackFixture.Running;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The official OpenAI SDK against the whole stack; it validates what it reads. */
@ExtendWith(LocalStackFixture.class)
class OpenAiSdkIT {
  private final Running running;
  private final OpenAIClient client;

  OpenAiSdkIT(Running running) {
    this.running = running;
    client = client(running.stack().key());
  }

  @BeforeEach
  void forgetEarlierRequests() {
    running.mock().forget();
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void readsAWholeAnswer() {
    ChatCompletion answer = client.chat().completions().create(ask("text", "hi").build());

    assertThat(answer.validate().choices().getFirst().message().content())
        .contains(MockText.text("hi", 30));
    assertThat(answer.choices().getFirst().finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(30);
  }

  @Test
  void readsAStreamWhileTheProviderStillProducesIt() {
    List<Instant> arrivals = new ArrayList<>();
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(
                ask("text", "hi")
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      stream.stream().peek(_ -> arrivals.add(Instant.now())).forEach(accumulator::accumulate);
    }

    ChatCompletion answer = accumulator.chatCompletion();
    assertThat(answer.choices().getFirst().message().content()).contains(MockText.text("hi", 30));
    assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(30);
    // 30 tokens, one every 5 ms.
    assertThat(Duration.between(arrivals.getFirst(), arrivals.getLast()))
        .isGreaterThan(Duration.ofMillis(70));
  }

  @Test
  void callsTools() throws IOException {
    FunctionDefinition weather =
        FunctionDefinition.builder()
            .name("get_weather")
            .parameters(
                FunctionParameters.builder()
                    .putAdditionalProperty("type", JsonValue.from("object"))
                    .putAdditionalProperty(
                        "properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                    .build())
            .build();
    ChatCompletionCreateParams params = ask("tools", "weather").addFunctionTool(weather).build();

    assertCalls(client.chat().completions().create(params));
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    assertCalls(accumulator.chatCompletion());

    JsonNode sent = new ObjectMapper().readTree(running.mock().received().getFirst().body());
    assertThat(sent.at("/tools/0/function/parameters/properties/city/type").asText())
        .isEqualTo("string");
    assertThat(sent.path("model").asText()).isEqualTo("mock/tools-2");
  }

  @Test
  void raisesTheSdksOwnErrors() {
    assertThatThrownBy(() -> client.chat().completions().create(ask("gpt-99", "hi").build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("gpt-99");
    assertThatThrownBy(
            () -> client.chat().completions().create(ask("text", "hi").temperature(7.0).build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("temperature");
    try (ClosingClient wrong = new ClosingClient(client("tb_" + "0".repeat(64)))) {
      assertThatThrownBy(() -> wrong.client.chat().completions().create(ask("text", "hi").build()))
          .isInstanceOf(UnauthorizedException.class);
    }
    assertThat(running.mock().received()).isEmpty();
  }

  @Test
  void listsTheModelsOfTheCatalogue() {
    assertThat(client.models().list().autoPager().stream().map(model -> model.id()))
        .contains("simulated", "text", "tools");
  }

  @Test
  void servesTwoModelsOnTwoProvidersAtTheSameTime() {
    CompletableFuture<ChatCompletion> simulated =
        CompletableFuture.supplyAsync(
            () -> client.chat().completions().create(ask("simulated", "hi").build()));
    ChatCompletion mock = client.chat().completions().create(ask("text", "hi").build());

    assertThat(simulated.join().model()).isEqualTo("simulated");
    assertThat(mock.choices().getFirst().message().content()).contains(MockText.text("hi", 30));
  }

  @Test
  void passesTenMegabytesToTheProviderUnchanged() throws IOException {
    String image = "data:image/png;base64," + "QUJD".repeat(9_900_000 / 4);
    client
        .chat()
        .completions()
        .create(
            ChatCompletionCreateParams.builder()
                .model("text")
                .addUserMessageOfArrayOfContentParts(
                    List.of(
                        ChatCompletionContentPart.ofImageUrl(
                            ChatCompletionContentPartImage.builder()
                                .imageUrl(
                                    ChatCompletionContentPartImage.ImageUrl.builder()
                                        .url(image)
                                        .build())
                                .build())))
                .build());

    List<ReceivedRequest> received = running.mock().received();
    assertThat(received).hasSize(1);
    String sent =
        new ObjectMapper()
            .readTree(received.getFirst().body())
            .at("/messages/0/content/0/image_url/url")
            .asText();
    assertThat(sent.equals(image)).as("%s letters arrive as they were", image.length()).isTrue();
  }

  private static void assertCalls(ChatCompletion answer) {
    assertThat(answer.choices().getFirst().finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    assertThat(answer.choices().getFirst().message().toolCalls().orElseThrow())
        .hasSize(2)
        .allSatisfy(call -> {
          ChatCompletionMessageFunctionToolCall function = call.asFunction();
          assertThat(function.function().name()).isEqualTo("get_weather");
          assertThat(new ObjectMapper().readTree(function.function().arguments()).has("city"))
              .isTrue();
        });
  }

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(running.stack().url() + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .responseValidation(true)
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  private static ChatCompletionCreateParams.Builder ask(String model, String prompt) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage(prompt);
  }

  private record ClosingClient(OpenAIClient client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
    }
  }
}
