package dev.tokenbus.chaos.client;

import java.util.List;

/**
 * What the clients of a run saw, in numbers.
 *
 * @param requests that they have finished
 * @param interrupted requests whose connection broke at least once
 * @param abandoned requests whose client disconnected on purpose
 * @param wrong requests with a wrong text
 * @param failed requests that were answered with an error
 * @param lost requests without an end in time
 * @param vanished clients that ended before they were stopped, or finished no request
 */
public record ClientCounts(
    long requests,
    long interrupted,
    long abandoned,
    long wrong,
    long failed,
    long lost,
    long vanished) {
  /** Counts results. */
  public static ClientCounts of(List<ClientResult> results, int vanished) {
    return new ClientCounts(
        results.size(),
        results.stream().filter(result -> result.interruptions() > 0).count(),
        count(results, ClientResult.Outcome.ABANDONED),
        count(results, ClientResult.Outcome.WRONG_TEXT),
        count(results, ClientResult.Outcome.FAILED),
        count(results, ClientResult.Outcome.LOST),
        vanished);
  }

  /** Whether every client has got what it requested. */
  public boolean clean() {
    return wrong == 0 && failed == 0 && lost == 0 && vanished == 0;
  }

  private static long count(List<ClientResult> results, ClientResult.Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).count();
  }
}
