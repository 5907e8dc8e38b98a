package dev.tokenbus.workers.provider.openai;

import dev.tokenbus.workers.provider.ProviderRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where and with which credential a provider is called.
 *
 * @param provider its name in the catalogue
 * @param url of its chat completions
 * @param key the API key itself; null where none is needed
 * @param keyVariable the environment variable the key came from
 */
record Endpoint(String provider, URI url, @Nullable String key, @Nullable String keyVariable) {
  /** What looks like a key in a message, whole or as providers mask it. */
  private static final Pattern KEY_LIKE = Pattern.compile("\\b(?:sk|gsk|xai|key|pk)-[\\w*.-]{4,}");

  /** The request for a body; everything but the body is the same for every call. */
  HttpRequest request(ProviderRequest request) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/json")
            .header("Accept", request.body().getStream() ? "text/event-stream" : "application/json")
            .header("User-Agent", "tokenbus")
            .header("X-Client-Request-Id", request.requestId())
            .POST(RequestWriter.write(request).publisher());
    if (key != null) {
      builder.header("Authorization", "Bearer " + key);
    }
    return builder.build();
  }

  /** The text without the API key, or anything that looks like one. */
  String withoutKey(String text) {
    String known = key == null ? text : text.replace(key, "***");
    return KEY_LIKE.matcher(known).replaceAll("***");
  }

  String keyRefused(int status) {
    return "Provider "
        + provider
        + " refused "
        + (keyVariable == null ? "a call without an API key" : "the API key in " + keyVariable)
        + " (HTTP "
        + status
        + ")";
  }

  /** Never the key. */
  @Override
  public String toString() {
    return provider + " at " + url;
  }
}
