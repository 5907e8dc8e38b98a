package dev.tokenbus.chaos.answer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.ReceivedRequest;
import dev.tokenbus.chaos.client.ClientRequest;
import dev.tokenbus.chaos.client.ClientResult;
import dev.tokenbus.schemas.chat.TokenEstimate;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker was killed after ten tokens; its successor repeated first, then gave an instruction. */
class UnforeseenAnswersTest {
  private static final String PROMPT = "chaos key-1";
  private static final int TOKENS = 40;

  private final List<String> logged = new ArrayList<>();
  private MockProvider provider;
  private String begun = "";
  private String end = "";

  @BeforeEach
  void takeOver() throws Exception {
    provider = MockProvider.start(MockOptions.DEFAULT);
    call(user(PROMPT));
    call(user("chaos another"));
    begun = String.join("", received(0).said().subList(0, 10));
    call(user(PROMPT));
    call(user(PROMPT) + "," + message("assistant", begun) + "," + user("Go on."));
    end = String.join("", received(3).said());
  }

  @AfterEach
  void stop() {
    provider.close();
  }

  @Test
  void takesWhatTheProviderSaidForCorrect() {
    assertThat(judged(begun + end).outcome()).isEqualTo(ClientResult.Outcome.CORRECT);
    assertThat(logged).isEmpty();
    assertThat(answers().takenOver(List.of(correct(begun + end), correct(begun)))).isEqualTo(1);
  }

  @Test
  void takesDoubledLostAndForeignTextForWrong() {
    String foreign = String.join("", received(1).said());
    for (String text : List.of(begun + begun + end, end, begun, begun + end + end, foreign)) {
      assertThat(judged(text).outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
    }
    assertThat(logged).hasSize(5).allMatch(line -> line.startsWith("WRONG_TEXT idempotency key"));
  }

  @Test
  void leavesOtherOutcomesAsTheyAre() {
    ClientResult failed = result(ClientResult.Outcome.FAILED, Optional.empty(), "");
    ClientResult foreseen = result(ClientResult.Outcome.CORRECT, Optional.of("x"), "");

    assertThat(answers().judged(List.of(failed, foreseen), logged::add))
        .containsExactly(failed, foreseen);
  }

  @Test
  void findsBillsThatLeaveOutWhatTheKilledWorkerDeliveredOrCountItTwice() {
    long prefix = TokenEstimate.of(begun);

    assertThat(wrongBills(prefix + TOKENS)).isEmpty();
    assertThat(wrongBills(TOKENS)).singleElement().asString().contains("key-1: 40 tokens");
    assertThat(wrongBills(prefix - 1 + TOKENS)).hasSize(1);
    assertThat(wrongBills(3 * prefix + 2 * TOKENS)).hasSize(1);
    assertThat(
            answers().wrongBills(List.of(correct(begun + end)), Map.of("another", prefix + TOKENS)))
        .hasSize(1);
  }

  private List<String> wrongBills(long billed) {
    return answers().wrongBills(List.of(correct(begun + end)), Map.of("key-1", billed));
  }

  private ClientResult judged(String text) {
    return answers().judged(List.of(correct(text)), logged::add).getFirst();
  }

  private static ClientResult correct(String text) {
    return result(ClientResult.Outcome.CORRECT, Optional.empty(), text);
  }

  private static ClientResult result(
      ClientResult.Outcome outcome, Optional<String> expected, String text) {
    ClientRequest request =
        new ClientRequest("key-1", "never-the-same", PROMPT, expected, ClientRequest.Kind.STREAM);
    return new ClientResult(request, outcome, 0, List.of(), "", text);
  }

  private UnforeseenAnswers answers() {
    return new UnforeseenAnswers(provider.received());
  }

  private ReceivedRequest received(int index) {
    return provider.received().get(index);
  }

  private void call(String messages) throws Exception {
    String body =
        "{\"model\":\"mock/%dx0/never-the-same\",\"messages\":[%s]}".formatted(TOKENS, messages);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(provider.baseUrl() + "/chat/completions"))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
  }

  private static String user(String content) {
    return message("user", content);
  }

  private static String message(String role, String content) {
    return new ObjectMapper()
        .createObjectNode()
        .put("role", role)
        .put("content", content)
        .toString();
  }
}
