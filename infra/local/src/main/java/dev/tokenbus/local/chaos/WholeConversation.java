package dev.tokenbus.local.chaos;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Optional;

/** Asks for the whole answer, with the same idempotency key until it comes. */
final class WholeConversation extends Conversation {
  private static final int OK = 200;

  WholeConversation(Job job, Api api, int ingress) {
    super(job, api, ingress);
  }

  @Override
  Optional<JobResult> attempt(int ingressToAsk) throws IOException, InterruptedException {
    HttpResponse<String> response = api.whole(job, ingressToAsk);
    if (response.statusCode() != OK) {
      return refused(response, response.body());
    }
    Optional<String> text = ChatText.whole(response.body());
    return Optional.of(
        text.isPresent()
            ? judge(text.get())
            : result(JobResult.Ending.WRONG_TEXT, "no answer in " + response.body()));
  }

  @Override
  String progress() {
    return " (idempotency key " + job.key() + ")";
  }
}
