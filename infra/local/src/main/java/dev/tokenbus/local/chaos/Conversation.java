package dev.tokenbus.local.chaos;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * One job from its first call to its end, through whatever happens to connections and ingresses:
 * each time something breaks, the other ingress is asked. One thread; not thread-safe.
 */
abstract class Conversation {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final long SHORTEST_WAIT_MS = 100;
  private static final long LONGEST_WAIT_MS = 2_000;
  private static final int FIRST_REFUSAL = 400;
  private static final String NO_RETRY = "x-should-retry";

  final Job job;
  final Api api;
  final Silences silences = new Silences();
  private final long end = System.nanoTime() + LIMIT.toNanos();
  private int ingress;
  private int interruptions;
  private String trouble = "";

  Conversation(Job job, Api api, int ingress) {
    this.job = job;
    this.api = api;
    this.ingress = ingress;
  }

  static Conversation of(Job job, Api api, int ingress) {
    return switch (job.kind()) {
      case STREAM, DESERT -> new StreamConversation(job, api, ingress);
      case WHOLE -> new WholeConversation(job, api, ingress);
    };
  }

  /** Goes on until there is an end, or time is over. */
  final JobResult run() throws InterruptedException {
    while (System.nanoTime() < end) {
      try {
        Optional<JobResult> result = attempt(ingress);
        if (result.isPresent()) {
          return result.get();
        }
      } catch (IOException e) {
        trouble = e.toString();
      }
      interruptions++;
      ingress++;
      Thread.sleep(Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * interruptions));
    }
    return result(JobResult.Ending.LOST, trouble + progress());
  }

  /**
   * Calls once and reads what comes.
   *
   * @return empty if it broke off and shall be tried again
   */
  abstract Optional<JobResult> attempt(int ingressToAsk) throws IOException, InterruptedException;

  /** How far it has come, for the report. */
  abstract String progress();

  /** What a status other than 200 means. */
  final Optional<JobResult> refused(HttpResponse<?> response, String body) {
    trouble = "HTTP " + response.statusCode() + " " + body;
    boolean useless =
        response.headers().firstValue(NO_RETRY).filter("false"::equals).isPresent()
            || (response.statusCode() >= FIRST_REFUSAL
                && response.statusCode() < 500
                && response.statusCode() != 404
                && response.statusCode() != 408
                && response.statusCode() != 429);
    return useless
        ? Optional.of(result(JobResult.Ending.FAILED, trouble + progress()))
        : Optional.empty();
  }

  final void note(String what) {
    trouble = what;
  }

  final JobResult judge(String text) {
    return text.equals(job.expected())
        ? result(JobResult.Ending.RIGHT, "")
        : result(JobResult.Ending.WRONG_TEXT, TextDifference.of(job.expected(), text) + progress());
  }

  final JobResult result(JobResult.Ending ending, String detail) {
    return new JobResult(job, ending, interruptions, silences.noted(), detail);
  }
}
