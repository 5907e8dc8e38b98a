package dev.tokenbus.bench.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The official SDK validates what it reads, so it is the judge of the mock's wire format. */
class OpenAiSdkTest {
  private MockProvider mock;
  private OpenAIClient client;

  @BeforeEach
  void start() {
    mock = MockProvider.start(MockOptions.DEFAULT.withApiKey("sk-right"));
    client = client("sk-right");
  }

  @AfterEach
  void stop() {
    client.close();
    mock.close();
  }

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(mock.baseUrl().toString())
        .apiKey(key)
        .maxRetries(0)
        .responseValidation(true)
        .build();
  }

  private static ChatCompletionCreateParams.Builder ask(String model, String prompt) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage(prompt);
  }

  private ChatCompletion accumulated(ChatCompletionCreateParams params) {
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    return accumulator.chatCompletion();
  }

  @Test
  void readsAWholeAnswer() {
    ChatCompletion answer = client.chat().completions().create(ask("mock/30x0", "hi").build());

    assertThat(answer.validate().choices().getFirst().message().content())
        .contains(MockText.text("hi", 30));
    assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(30);
  }

  @Test
  void readsAStreamHoweverItIsWritten() {
    for (String model :
        new String[] {"mock/30x1ms", "mock/30x0/split-9", "mock/30x0/crlf/comments"}) {
      ChatCompletion answer =
          accumulated(
              ask(model, "hi")
                  .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                  .build());

      assertThat(answer.choices().getFirst().message().content())
          .as(model)
          .contains(MockText.text("hi", 30));
      assertThat(answer.choices().getFirst().finishReason())
          .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
      assertThat(answer.usage().orElseThrow().totalTokens()).isEqualTo(31);
    }
  }

  @Test
  void readsToolCallsThatComeInFragments() {
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

    ChatCompletion answer =
        accumulated(ask("mock/tools-2", "weather").addFunctionTool(weather).build());

    assertThat(answer.choices().getFirst().message().toolCalls().orElseThrow())
        .hasSize(2)
        .allSatisfy(call -> {
          ChatCompletionMessageFunctionToolCall function = call.asFunction();
          assertThat(function.function().name()).isEqualTo("get_weather");
          assertThat(MockClient.tree(function.function().arguments()).has("city")).isTrue();
        });
  }

  @Test
  void raisesTheSdksOwnErrors() {
    try (AutoCloseableClient wrong = new AutoCloseableClient(client("sk-wrong"))) {
      assertThatThrownBy(() -> wrong.create("mock")).isInstanceOf(UnauthorizedException.class);
    }
    try (AutoCloseableClient right = new AutoCloseableClient(client("sk-right"))) {
      assertThatThrownBy(() -> right.create("nothing")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> right.create("mock/status-429"))
          .isInstanceOf(RateLimitException.class);
    }
  }

  private record AutoCloseableClient(OpenAIClient client) implements AutoCloseable {
    ChatCompletion create(String model) {
      return client.chat().completions().create(ask(model, "hi").build());
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
