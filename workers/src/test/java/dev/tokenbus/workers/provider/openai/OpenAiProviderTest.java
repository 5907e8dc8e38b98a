package dev.tokenbus.workers.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.FunctionTool;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderCall;
import dev.tokenbus.workers.provider.ProviderContract;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.RecordedAnswer;
import dev.tokenbus.workers.provider.http.HttpProvider;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiProviderTest extends ProviderContract {
  private static final String PROMPT = "Say it";
  private final MockProvider mock = MockProvider.start();
  private final Provider provider = at(mock.baseUrl());

  @AfterEach
  void stop() {
    provider.close();
    mock.close();
  }

  @Override
  protected Provider provider() {
    return provider;
  }

  @Override
  protected String quickModel() {
    return "mock/16x0";
  }

  @Override
  protected String slowModel() {
    return "mock/60x1s";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mock/8x0/split-1",
        "mock/8x0/split-3",
        "mock/8x0/split-7/crlf",
        "mock/8x0/crlf/comments",
        "mock/8x0/burst-4",
        "mock/8x0/nodone",
        "mock/8x0/split-2/comments/nodone"
      })
  void understandsTheStreamHoweverItIsWritten(String model) {
    RecordedAnswer answer = call(model, Samples.ask(PROMPT, true));

    assertThat(answer.text()).isEqualTo(MockText.text(PROMPT, 8));
    assertThat(answer.end().finishReason()).isEqualTo("stop");
    assertThat(answer.breaches()).isEmpty();
  }

  @Test
  void takesUnicodeLineSeparatorsForText() {
    RecordedAnswer answer = call("mock/12x0/separators", Samples.ask(PROMPT, true));

    assertThat(answer.text()).contains("\u2028", "\u2029", "\u0085");
    assertThat(answer.text())
        .isEqualTo(call("mock/12x0/separators", Samples.ask(PROMPT, false)).text());
  }

  @Test
  void hearsReasoningRefusalsAndToolCalls() {
    assertThat(call("mock/4x0/reasoning-3", Samples.ask(PROMPT, true)).deltas())
        .filteredOn(delta -> delta.getContent() instanceof ReasoningDelta)
        .hasSize(3);
    assertThat(call("mock/4x0/refusal", Samples.ask(PROMPT, true)).deltas())
        .extracting(Delta::getContent)
        .hasAtLeastOneElementOfType(RefusalDelta.class);
    assertThat(call("mock/4x0/reasoning-3", Samples.ask(PROMPT, true)).end().usage())
        .isNotNull()
        .satisfies(usage -> assertThat(usage.getReasoning()).isEqualTo(3));
  }

  @Test
  void completesWithoutUsageWhereTheProviderGivesNone() {
    assertThat(call("mock/4x0/nousage", Samples.ask(PROMPT, true)).end().usage()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mock/64x0/cut-10", "mock/64x0/reset-10"})
  void tellsACutStreamFromACompleteOne(String model) {
    RecordedAnswer answer = call(model, Samples.ask(PROMPT, true));

    assertThat(answer.failure().code()).isEqualTo(ErrorCode.STREAM_CUT);
    assertThat(MockText.text(PROMPT, 64)).startsWith(answer.text());
  }

  @Test
  void deliversEverythingBeforeAnErrorInTheMiddle() {
    RecordedAnswer answer = call("mock/64x0/error-10", Samples.ask(PROMPT, true));

    assertThat(answer.text()).isEqualTo(MockText.text(PROMPT, 10));
    assertThat(answer.failure().code().retryable()).isTrue();
    assertThat(answer.breaches()).isEmpty();
  }

  @Test
  void refusesBrokenJsonInTheMiddle() {
    RecordedAnswer answer = call("mock/64x0/malformed-10", Samples.ask(PROMPT, true));

    assertThat(answer.failure().code()).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
    assertThat(answer.text()).isEqualTo(MockText.text(PROMPT, 10));
  }

  @Test
  void leavesTheConnectionOfARefusedCallToTheNextOne() {
    for (int round = 0; round < 20; round++) {
      RecordedAnswer next = new RecordedAnswer();
      RecordedAnswer refused =
          new RecordedAnswer() {
            @Override
            public void onFailed(ProviderFailure failure) {
              super.onFailed(failure);
              provider.start(request("mock/4x0", Samples.ask(PROMPT, true)), next);
            }
          };

      provider.start(request("mock/4x0/status-400", Samples.ask(PROMPT, true)), refused);

      assertThat(next.awaitEnd().text()).isEqualTo(MockText.text(PROMPT, 4));
      assertThat(refused.failure().code()).isEqualTo(ErrorCode.PROVIDER_REJECTED);
    }
  }

  @Test
  void passesOnHowLongTheProviderAsksToWait() {
    ProviderFailure failure =
        call("mock/4x0/status-429/retry-after-2", Samples.ask(PROMPT, true)).failure();

    assertThat(failure.code()).isEqualTo(ErrorCode.PROVIDER_RATE_LIMITED);
    assertThat(failure.httpStatus()).isEqualTo(429);
    assertThat(failure.retryAfterMs()).isEqualTo(2_000);
  }

  @Test
  void tellsStatusesApart() {
    assertThat(status(400)).isEqualTo(ErrorCode.PROVIDER_REJECTED);
    assertThat(status(401)).isEqualTo(ErrorCode.PROVIDER_AUTHENTICATION);
    assertThat(status(403)).isEqualTo(ErrorCode.PROVIDER_AUTHENTICATION);
    assertThat(status(404)).isEqualTo(ErrorCode.PROVIDER_REJECTED);
    assertThat(status(408)).isEqualTo(ErrorCode.PROVIDER_ERROR);
    assertThat(status(500)).isEqualTo(ErrorCode.PROVIDER_ERROR);
    assertThat(status(503)).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE);
    assertThat(status(529)).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE);
  }

  @Test
  void closesTheConnectionWhenCancelled() {
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall call =
        provider.start(request("mock/600x100ms", Samples.ask(PROMPT, true)), answer);
    answer.awaitOutput();
    assertThat(mock.openRequests()).isOne();

    call.cancel();

    Awaitility.await()
        .atMost(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> mock.openRequests() == 0);
  }

  @Test
  void closesTheConnectionWhenCancelledBeforeTheFirstByte() {
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall call =
        provider.start(request("mock/4x0/headers-30s", Samples.ask(PROMPT, true)), answer);
    Awaitility.await().until(() -> mock.openRequests() == 1);

    call.cancel();

    Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> mock.openRequests() == 0);
    assertThat(answer.ends()).isZero();
  }

  @Test
  void saysThatAProviderCannotBeReachedButNotWhereItIs() {
    mock.close();

    ProviderFailure failure = call("mock/4x0", Samples.ask(PROMPT, true)).failure();

    assertThat(failure.code()).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE);
    assertThat(failure.message())
        .contains("mock", "cannot be reached")
        .doesNotContain("127.0.0.1", String.valueOf(mock.baseUrl().getPort()));
  }

  @Test
  void saysThatAKeyIsMissingButNotWhichVariableHoldsIt() {
    Provider unset =
        HttpProvider.of(
            new OpenAiDialect(), withKey(), name -> Optional.empty(), Clock.systemUTC());
    RecordedAnswer answer = new RecordedAnswer();

    unset.start(request("m", Samples.ask(PROMPT, true)), answer);

    assertThat(answer.awaitEnd().failure().code()).isEqualTo(ErrorCode.PROVIDER_NOT_CONFIGURED);
    assertThat(answer.failure().message())
        .isEqualTo("Provider openai has no API key; the log of the workers says what is missing");
  }

  @Test
  void saysThatAKeyIsRefusedButNotWhichVariableHoldsIt() {
    String key = "sk-live-0123456789abcdef";
    Provider keyed =
        HttpProvider.of(
            new OpenAiDialect(), withKey(), name -> Optional.of(key), Clock.systemUTC());
    RecordedAnswer answer = new RecordedAnswer();

    keyed.start(request("mock/4x0/status-401", Samples.ask(PROMPT, true)), answer);

    assertThat(answer.awaitEnd().failure().message())
        .isEqualTo("Provider openai refused its API key (HTTP 401)");
    keyed.close();
  }

  @Test
  void saysThatAConnectionBrokeOffButNotWhatTheNetworkSaidOfIt() {
    assertThat(call("mock/6x0/reset-3", Samples.ask(PROMPT, true)).failure().message())
        .isEqualTo("Provider mock ended its stream before the answer was complete");
    assertThat(call("mock/6x0/reset-3", Samples.ask(PROMPT, false)).failure().message())
        .startsWith("Provider mock closed the connection before ")
        .doesNotContain(":");
  }

  @Test
  void refusesABaseUrlThatIsNone() {
    RecordedAnswer answer = new RecordedAnswer();

    HttpProvider.of(
            new OpenAiDialect(),
            Samples.openai("bad", URI.create("ftp://x"), 1),
            name -> Optional.empty(),
            Clock.systemUTC())
        .start(request("m", Samples.ask(PROMPT, true)), answer);

    assertThat(answer.awaitEnd().failure().message())
        .contains("bad", "no usable address")
        .doesNotContain("ftp://x");
  }

  @Test
  void asksAgainOnTheSameConnection() {
    for (int i = 0; i < 20; i++) {
      assertThat(call("mock/4x0", Samples.ask(PROMPT, true)).text())
          .isEqualTo(MockText.text(PROMPT, 4));
    }
    assertThat(mock.requestCount()).isEqualTo(20);
  }

  @Test
  void putsToolCallsTogetherFromTheirPieces() {
    assertThat(toolCalls(true)).hasSize(2).isEqualTo(toolCalls(false));
    assertThat(toolCalls(true).values())
        .allSatisfy(call -> assertThat(call).startsWith("lookup {").endsWith("}"));
  }

  /** Name and arguments of each call by its index. */
  private Map<Integer, String> toolCalls(boolean stream) {
    ChatRequest request =
        ChatRequest.newBuilder(Samples.ask(PROMPT, stream))
            .setTools(
                List.of(
                    new FunctionTool(
                        "lookup",
                        null,
                        "{\"type\":\"object\",\"properties\":{\"key\":{\"type\":\"string\"}},\"required\":[\"key\"]}",
                        null,
                        null,
                        null,
                        null)))
            .build();
    Map<Integer, String> calls = new TreeMap<>();
    for (Delta delta : call("mock/4x0/tools-2/split-5", request).deltas()) {
      if (delta.getContent() instanceof ToolCallDelta piece) {
        String name = piece.getName() == null ? "" : piece.getName() + " ";
        calls.merge(piece.getIndex(), name + piece.getArguments(), String::concat);
      }
    }
    return calls;
  }

  private ErrorCode status(int status) {
    return call("mock/4x0/status-" + status, Samples.ask(PROMPT, true)).failure().code();
  }

  private ProviderEntry withKey() {
    return ProviderEntry.newBuilder(Samples.openai("openai", mock.baseUrl(), 1))
        .setApiKeyVariable("OPENAI_API_KEY")
        .build();
  }

  private static Provider at(URI url) {
    return HttpProvider.of(
        new OpenAiDialect(),
        Samples.openai("mock", url, 10),
        name -> Optional.empty(),
        Clock.systemUTC());
  }
}
