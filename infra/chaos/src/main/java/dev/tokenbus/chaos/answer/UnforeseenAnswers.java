package dev.tokenbus.chaos.answer;

import dev.tokenbus.bench.provider.ReceivedRequest;
import dev.tokenbus.chaos.client.ClientResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Judges the answers of a model that never says the same twice. Its clients cannot foresee the
 * text, but the provider knows afterwards what it said in each call.
 */
public final class UnforeseenAnswers {
  private final Map<String, List<MockCall>> calls = new HashMap<>();

  /**
   * Judges nothing yet.
   *
   * @param received all requests that the provider has received, oldest first
   */
  public UnforeseenAnswers(List<ReceivedRequest> received) {
    for (ReceivedRequest request : received) {
      if (!request.said().isEmpty()) {
        MockCall call = MockCall.of(request);
        calls.computeIfAbsent(call.prompt(), prompt -> new ArrayList<>()).add(call);
      }
    }
  }

  /**
   * The results, of which those are wrong now whose text is not what the provider said.
   *
   * @param log receives a line for each of them
   */
  public List<ClientResult> judged(List<ClientResult> results, Consumer<String> log) {
    return results.stream().map(result -> judged(result, log)).toList();
  }

  private ClientResult judged(ClientResult result, Consumer<String> log) {
    if (!toBeJudged(result)) {
      return result;
    }
    CallChain chain = chain(result);
    if (chain.explain(result.text()).isPresent()) {
      return result;
    }
    ClientResult wrong =
        result.wrong(
            "idempotency key " + result.request().key() + ": " + chain.problem(result.text()));
    log.accept(wrong.outcome() + " " + wrong.detail());
    return wrong;
  }

  /** How many correct answers go on behind what a killed worker had delivered. */
  public long takenOver(List<ClientResult> results) {
    return results.stream()
        .filter(UnforeseenAnswers::toBeJudged)
        .flatMap(result -> chain(result).explain(result.text()).stream())
        .filter(delivered -> !delivered.begun().isEmpty())
        .count();
  }

  /**
   * One line for each correct answer for which less was billed than delivered, or more.
   *
   * @param output billed tokens of output, by idempotency key
   */
  public List<String> wrongBills(List<ClientResult> results, Map<String, Long> output) {
    List<String> lines = new ArrayList<>();
    for (ClientResult result : results) {
      if (toBeJudged(result)) {
        chain(result)
            .explain(result.text())
            .ifPresent(delivered -> {
              String key = result.request().key();
              long billed = output.getOrDefault(key, 0L);
              if (billed < delivered.least() || billed > delivered.most()) {
                lines.add(
                    "idempotency key %s: %d tokens of output billed, %d to %d delivered"
                        .formatted(key, billed, delivered.least(), delivered.most()));
              }
            });
      }
    }
    return List.copyOf(lines);
  }

  private CallChain chain(ClientResult result) {
    return new CallChain(calls.getOrDefault(result.request().prompt(), List.of()));
  }

  private static boolean toBeJudged(ClientResult result) {
    return result.outcome() == ClientResult.Outcome.CORRECT
        && result.request().expected().isEmpty();
  }
}
