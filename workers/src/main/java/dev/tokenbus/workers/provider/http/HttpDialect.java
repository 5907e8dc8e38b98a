package dev.tokenbus.workers.provider.http;

import dev.tokenbus.workers.provider.ProviderRequest;
import java.net.http.HttpRequest;

/**
 * What one provider API says over HTTP: how a request is written, how an answer is read and what an
 * error means. Everything else about a call is the same for all dialects.
 *
 * <p>Implementations are thread-safe.
 */
public interface HttpDialect {
  /** Its tag in the canonical form: {@code openai}, {@code anthropic} … */
  String name();

  /**
   * Writes the request of a call.
   *
   * @throws InexpressibleException if the request says something that this dialect has no words for
   */
  HttpRequest request(Endpoint endpoint, ProviderRequest request);

  /** Makes the reader of the one answer to this request. */
  AnswerReader reader(ProviderRequest request);

  /**
   * Says what an error status means.
   *
   * @param body the response's first bytes, in whatever form the provider sent them
   */
  ErrorMeaning error(int status, byte[] body);
}
