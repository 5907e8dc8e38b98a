package dev.tokenbus.chaos.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * Sends one request and goes on until it ends: each time a connection breaks, it asks the other
 * ingress.
 *
 * <p>Not thread-safe: one thread runs it.
 */
abstract class RetryingClient {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final long SHORTEST_WAIT_MS = 100;
  private static final long LONGEST_WAIT_MS = 2_000;
  private static final int FIRST_ERROR = 400;
  private static final String NO_RETRY = "x-should-retry";

  final ClientRequest request;
  final ChatApi api;
  final StallRecorder stalls = new StallRecorder();
  private final long end = System.nanoTime() + LIMIT.toNanos();
  private int ingress;
  private int interruptions;
  private String lastProblem = "";

  RetryingClient(ClientRequest request, ChatApi api, int ingress) {
    this.request = request;
    this.api = api;
    this.ingress = ingress;
  }

  static RetryingClient of(ClientRequest request, ChatApi api, int ingress) {
    return switch (request.kind()) {
      case STREAM, ABANDON -> new StreamingClient(request, api, ingress);
      case WHOLE -> new WholeAnswerClient(request, api, ingress);
    };
  }

  /** Tries again until the request ends or the time is over. */
  final ClientResult run() throws InterruptedException {
    while (System.nanoTime() < end) {
      try {
        Optional<ClientResult> result = attempt(ingress);
        if (result.isPresent()) {
          return result.get();
        }
      } catch (IOException e) {
        lastProblem = e.toString();
      } catch (RuntimeException e) {
        // The response cannot be read. If the client ended here, nobody would count its request.
        return result(ClientResult.Outcome.WRONG_TEXT, e + progress());
      }
      interruptions++;
      ingress++;
      Thread.sleep(Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * interruptions));
    }
    return result(ClientResult.Outcome.LOST, lastProblem + progress());
  }

  /**
   * Calls once and reads the response.
   *
   * @return empty if the connection broke and the call is to be repeated
   */
  abstract Optional<ClientResult> attempt(int ingressToAsk)
      throws IOException, InterruptedException;

  /** How far the request has come, for the report. */
  abstract String progress();

  /** Decides whether a status other than 200 is worth another call. */
  final Optional<ClientResult> refused(HttpResponse<?> response, String body) {
    lastProblem = "HTTP " + response.statusCode() + " " + body;
    boolean permanent =
        response.headers().firstValue(NO_RETRY).filter("false"::equals).isPresent()
            || (response.statusCode() >= FIRST_ERROR
                && response.statusCode() < 500
                && response.statusCode() != 404
                && response.statusCode() != 408
                && response.statusCode() != 429);
    return permanent
        ? Optional.of(result(ClientResult.Outcome.FAILED, lastProblem + progress()))
        : Optional.empty();
  }

  final void note(String what) {
    lastProblem = what;
  }

  final ClientResult judge(String text) {
    Optional<String> expected = request.expected();
    if (expected.isPresent() && !text.equals(expected.get())) {
      return result(
          ClientResult.Outcome.WRONG_TEXT, TextDifference.of(expected.get(), text) + progress());
    }
    return text.isEmpty()
        ? result(ClientResult.Outcome.WRONG_TEXT, "no text at all" + progress())
        : result(ClientResult.Outcome.CORRECT, "", expected.isPresent() ? "" : text);
  }

  final ClientResult result(ClientResult.Outcome outcome, String detail) {
    return result(outcome, detail, "");
  }

  private ClientResult result(ClientResult.Outcome outcome, String detail, String text) {
    return new ClientResult(request, outcome, interruptions, stalls.recorded(), detail, text);
  }
}
