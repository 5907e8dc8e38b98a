package dev.tokenbus.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.workers.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What every provider must do. */
public abstract class ProviderContract {
  /** A provider whose answers have 16 tokens. */
  protected abstract Provider provider();

  /** The provider's name for a model that answers at once. */
  protected abstract String quickModel();

  /** The provider's name for a model that takes a minute for its answer, but begins at once. */
  protected abstract String slowModel();

  @Test
  void answersTheSameStreamedAndWhole() {
    RecordedAnswer streamed = call(quickModel(), Samples.ask("What is an offset?", true));
    RecordedAnswer whole = call(quickModel(), Samples.ask("What is an offset?", false));

    assertThat(streamed.text()).isNotBlank().isEqualTo(whole.text());
    assertThat(streamed.head().model()).isNotBlank().isEqualTo(whole.head().model());
    for (RecordedAnswer answer : List.of(streamed, whole)) {
      assertThat(answer.breaches()).isEmpty();
      assertThat(answer.end().finishReason()).isEqualTo("stop");
      assertThat(answer.deltas().getLast().getContent())
          .isEqualTo(new Finish(FinishReason.STOP, "stop"));
      assertThat(answer.end().usage())
          .isNotNull()
          .satisfies(usage -> {
            assertThat(usage.getSource()).isEqualTo(UsageSource.PROVIDER);
            assertThat(usage.getInput()).isPositive();
            assertThat(usage.getOutput()).isEqualTo(16);
            assertThat(usage.getRaw()).contains("prompt_tokens");
          });
    }
  }

  @Test
  void saysTheSameToTheSamePromptAndAnotherThingToAnother() {
    String first = call(quickModel(), Samples.ask("one", true)).text();

    assertThat(call(quickModel(), Samples.ask("one", true)).text()).isEqualTo(first);
    assertThat(call(quickModel(), Samples.ask("two", true)).text()).isNotEqualTo(first);
  }

  @Test
  void stopsAtTheLimitOfTokens() {
    ChatRequest limited =
        ChatRequest.newBuilder(Samples.ask("Hi", true))
            .setSampling(Sampling.newBuilder().setMaxOutputTokens(5L).build())
            .build();

    RecordedAnswer answer = call(quickModel(), limited);

    assertThat(answer.end().finishReason()).isEqualTo("length");
    assertThat(answer.end().usage()).isNotNull().extracting(TokenUsage::getOutput).isEqualTo(5L);
  }

  @Test
  void answersAsManyTimesAsAsked() {
    ChatRequest three =
        ChatRequest.newBuilder(Samples.ask("Hi", true))
            .setSampling(Sampling.newBuilder().setCandidates(3).build())
            .build();

    RecordedAnswer answer = call(quickModel(), three);

    assertThat(answer.deltas()).extracting(Delta::getChoice).contains(0, 1, 2);
    assertThat(answer.deltas())
        .filteredOn(delta -> delta.getContent() instanceof Finish)
        .extracting(Delta::getChoice)
        .containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void fallsSilentWhenCancelled() {
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall call = provider().start(request(slowModel(), Samples.ask("Hi", true)), answer);
    answer.awaitOutput();

    call.cancel();
    call.cancel();

    int heard = settled(answer);
    assertThat(answer.ends()).isZero();
    Awaitility.await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(2))
        .until(() -> answer.reads() == heard);
  }

  @Test
  void answersManyCallsAtOnce() {
    List<RecordedAnswer> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RecordedAnswer answer = new RecordedAnswer();
      provider().start(request(quickModel(), Samples.ask("prompt " + i, true)), answer);
      answers.add(answer);
    }

    for (int i = 0; i < 50; i++) {
      assertThat(answers.get(i).awaitEnd().text())
          .isEqualTo(call(quickModel(), Samples.ask("prompt " + i, false)).text());
      assertThat(answers.get(i).breaches()).isEmpty();
    }
  }

  protected RecordedAnswer call(String model, ChatRequest body) {
    RecordedAnswer answer = new RecordedAnswer();
    provider().start(request(model, body), answer);
    return answer.awaitEnd();
  }

  protected static ProviderRequest request(String model, ChatRequest body) {
    return new ProviderRequest("0197a000-0000-7000-8000-000000000000", model, body, 2);
  }

  private static int settled(RecordedAnswer answer) {
    int[] last = {-1};
    Awaitility.await()
        .pollInterval(Duration.ofMillis(100))
        .until(() -> {
          boolean same = last[0] == answer.reads();
          last[0] = answer.reads();
          return same;
        });
    return last[0];
  }
}
