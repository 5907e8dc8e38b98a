package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a request beside the credential.
 *
 * @param idempotencyKey the client's own key
 * @param traceparent the W3C trace context, if it is well formed
 */
public record RequestHeaders(@Nullable String idempotencyKey, @Nullable String traceparent) {
  private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9._:@/+=-]{1,128}");
  private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
  private static final Pattern TRACEPARENT =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  /**
   * Reads the headers.
   *
   * @throws ProblemException if the idempotency key is malformed: ignoring it could run a request
   *     twice
   */
  public static RequestHeaders of(HttpServletRequest request) {
    String key = request.getHeader("Idempotency-Key");
    if (key != null && !IDEMPOTENCY_KEY.matcher(key).matches()) {
      throw new ProblemException(
          Problem.invalid(
              "Invalid 'Idempotency-Key' header: expected 1 to 255 visible ASCII characters.",
              "Idempotency-Key",
              "invalid_value"));
    }
    String trace = request.getHeader("traceparent");
    return new RequestHeaders(
        key, trace != null && TRACEPARENT.matcher(trace).matches() ? trace : null);
  }

  /**
   * The session the client named, or a new one. A malformed name is replaced, since it only groups
   * requests.
   */
  public static String session(HttpServletRequest request) {
    String session = request.getHeader(Headers.SESSION_ID);
    return session != null && SESSION.matcher(session).matches()
        ? session
        : UUID.randomUUID().toString();
  }
}
