package dev.tokenbus.ingress.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;

/**
 * Writes CORS headers for browsers, never with credentials, since keys travel in headers and not in
 * cookies. Thread-safe.
 *
 * @see <a href="https://fetch.spec.whatwg.org/#http-cors-protocol">Fetch, CORS protocol</a>
 */
public final class Cors {
  private static final String EXPOSED =
      "X-Request-Id, X-Session-ID, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining,"
          + " X-RateLimit-Reset";
  private static final String ALLOWED_HEADERS =
      "Authorization, Content-Type, X-API-Key, x-goog-api-key, apikey, x-client-info, X-Session-ID,"
          + " Idempotency-Key, Last-Event-ID";

  private final List<String> origins;
  private final boolean any;

  public Cors(List<String> origins) {
    this.origins = origins;
    any = origins.contains("*");
  }

  /** Sets the headers that allow the page of an allowed origin to read the response. */
  void apply(HttpServletRequest request, HttpServletResponse response) {
    String origin = request.getHeader("Origin");
    if (origin == null) {
      return;
    }
    if (any) {
      response.setHeader("Access-Control-Allow-Origin", "*");
    } else {
      response.addHeader("Vary", "Origin");
      if (!origins.contains(origin)) {
        return;
      }
      response.setHeader("Access-Control-Allow-Origin", origin);
    }
    response.setHeader("Access-Control-Expose-Headers", EXPOSED);
  }

  /** Sets the headers of a preflight's response. */
  void preflight(HttpServletRequest request, HttpServletResponse response, String methods) {
    String asked = request.getHeader("Access-Control-Request-Headers");
    response.setHeader("Access-Control-Allow-Methods", methods);
    response.setHeader("Access-Control-Allow-Headers", asked == null ? ALLOWED_HEADERS : asked);
    response.setHeader("Access-Control-Max-Age", "86400");
  }
}
