package dev.tokenbus.workers.provider.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderCall;
import dev.tokenbus.workers.provider.ProviderContract;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.provider.RecordedAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SimulatedProviderTest extends ProviderContract {
  private final Provider quick =
      configured(Map.of("tokens", "16", "tokens-per-second", "0", "first-token-ms", "0"));
  private final Provider slow =
      configured(Map.of("tokens", "60", "tokens-per-second", "1", "first-token-ms", "0"));

  /** The model decides which of the two answers. */
  private final Provider both =
      new Provider() {
        @Override
        public ProviderCall start(ProviderRequest request, AnswerListener listener) {
          return (request.model().equals("slow") ? slow : quick).start(request, listener);
        }

        @Override
        public String dialect() {
          return "openai";
        }

        @Override
        public void close() {
          quick.close();
          slow.close();
        }
      };

  @AfterEach
  void stop() {
    both.close();
  }

  @Override
  protected Provider provider() {
    return both;
  }

  @Override
  protected String quickModel() {
    return "simulated";
  }

  @Override
  protected String slowModel() {
    return "slow";
  }

  @Test
  void namesItselfInModelAndText() {
    assertThat(call("simulated", Samples.ask("Hi", true)).head().model()).isEqualTo("simulated");
    RecordedAnswer other = call("gpt-5", Samples.ask("What is a log?", true));
    assertThat(other.head().model()).isEqualTo("simulated/gpt-5");
    assertThat(other.text()).startsWith("This is a simulated answer to \"What is a log?\"");
  }

  @Test
  void continuesABegunAnswerWithoutRepeatingIt() {
    ChatRequest plain = Samples.ask("What is a log?", true);
    String whole = call("simulated", plain).text();
    String begun = whole.substring(0, 33);

    String rest = call("simulated", begunWith(plain, begun)).text();

    assertThat(begun + rest).isEqualTo(whole);
  }

  @Test
  void continuesABegunAnswerThatIsLongerThanWhatMayStillCome() {
    ChatRequest plain = Samples.ask("What is a log?", true);
    String whole = call("simulated", plain).text();
    String begun = whole.substring(0, 33);
    ChatRequest limited =
        ChatRequest.newBuilder(begunWith(plain, begun))
            .setSampling(Sampling.newBuilder(plain.getSampling()).setMaxOutputTokens(2L).build())
            .build();

    String rest = call("simulated", limited).text();

    assertThat(rest).isNotEmpty();
    assertThat(whole).startsWith(begun + rest);
  }

  private static ChatRequest begunWith(ChatRequest plain, String begun) {
    List<Message> messages = new ArrayList<>(plain.getMessages());
    messages.add(
        Message.newBuilder()
            .setRole(Role.ASSISTANT)
            .setForm(ContentForm.STRING)
            .setParts(List.of(new TextPart(begun, null, null, List.of(), null)))
            .build());
    return ChatRequest.newBuilder(plain).setMessages(messages).build();
  }

  @Test
  void keepsItsSpeed() {
    Provider timed =
        configured(Map.of("tokens", "21", "tokens-per-second", "100", "first-token-ms", "100"));
    long before = System.nanoTime();
    RecordedAnswer answer = new RecordedAnswer();

    timed.start(request("simulated", Samples.ask("Hi", true)), answer);
    answer.awaitEnd();

    assertThat((System.nanoTime() - before) / 1_000_000).isBetween(300L, 3_000L);
    timed.close();
  }

  @Test
  void saysWhichOptionIsWrong() {
    RecordedAnswer answer = new RecordedAnswer();

    configured(Map.of("tokens-per-second", "fast"))
        .start(request("simulated", Samples.ask("Hi", true)), answer);

    assertThat(answer.awaitEnd().failure().code()).isEqualTo(ErrorCode.PROVIDER_NOT_CONFIGURED);
    assertThat(answer.failure().message()).contains("sim", "tokens-per-second", "fast");
  }

  private static Provider configured(Map<String, String> options) {
    return SimulatedProvider.of(
        ProviderEntry.newBuilder()
            .setName("sim")
            .setDialect("simulated")
            .setOptions(options)
            .build());
  }
}
