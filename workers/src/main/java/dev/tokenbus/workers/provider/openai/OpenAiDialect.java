package dev.tokenbus.workers.provider.openai;

import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.provider.http.AnswerReader;
import dev.tokenbus.workers.provider.http.Endpoint;
import dev.tokenbus.workers.provider.http.ErrorMeaning;
import dev.tokenbus.workers.provider.http.HttpDialect;
import java.net.http.HttpRequest;

/**
 * OpenAI's chat completions, as OpenAI and the many compatible servers speak them.
 *
 * <p>Stateless and thread-safe.
 */
public final class OpenAiDialect implements HttpDialect {
  static final String NAME = "openai";
  private static final String HEADERS = "openai-";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public HttpRequest request(Endpoint endpoint, ProviderRequest request) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(endpoint.url("/chat/completions"))
            .header("Content-Type", "application/json")
            .header("Accept", request.body().getStream() ? "text/event-stream" : "application/json")
            .header("User-Agent", "tokenbus")
            .header("X-Client-Request-Id", request.requestId())
            .POST(ChatCompletionWriter.write(request).publisher());
    if (request.body().getDialect().equals(NAME)) {
      request
          .body()
          .getHeaders()
          .forEach((name, value) -> {
            // Names of others, such as those of the connection, are not the client's to set.
            if (name.startsWith(HEADERS)) {
              builder.header(name, value);
            }
          });
    }
    if (endpoint.key() != null) {
      builder.header("Authorization", "Bearer " + endpoint.key());
    }
    return builder.build();
  }

  @Override
  public AnswerReader reader(ProviderRequest request) {
    Integer candidates = request.body().getSampling().getCandidates();
    return new ChatCompletionReader(
        candidates == null ? 1 : Math.max(1, candidates), request.formatLevel());
  }

  @Override
  public ErrorMeaning error(int status, byte[] body) {
    OpenAiError error = OpenAiError.read(body);
    return new ErrorMeaning(error.codeFor(status), error.message(), error.param());
  }
}
