package dev.tokenbus.chaos.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Optional;

/** Requests an answer that is not streamed, under the same idempotency key until it arrives. */
final class WholeAnswerClient extends RetryingClient {
  private static final int OK = 200;

  WholeAnswerClient(ClientRequest request, ChatApi api, int ingress) {
    super(request, api, ingress);
  }

  @Override
  Optional<ClientResult> attempt(int ingressToAsk) throws IOException, InterruptedException {
    HttpResponse<String> response = api.whole(request, ingressToAsk);
    if (response.statusCode() != OK) {
      return refused(response, response.body());
    }
    Optional<String> text = ChatJson.whole(response.body());
    return Optional.of(
        text.isPresent()
            ? judge(text.get())
            : result(ClientResult.Outcome.WRONG_TEXT, "no answer in " + response.body()));
  }

  @Override
  String progress() {
    return " (idempotency key " + request.key() + ")";
  }
}
