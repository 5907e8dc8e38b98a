package dev.tokenbus.workers.provider.http;

import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where and with which credential a provider is called.
 *
 * @param provider its name in the catalogue
 * @param baseUrl to which a dialect adds its paths; has no slash at its end
 * @param key the API key itself; null where none is needed
 * @param keyVariable the environment variable the key came from
 */
public record Endpoint(
    String provider, URI baseUrl, @Nullable String key, @Nullable String keyVariable) {
  /** What looks like a key in a message, whole or as providers mask it. */
  private static final Pattern KEY_LIKE = Pattern.compile("\\b(?:sk|gsk|xai|key|pk)-[\\w*.-]{4,}");

  /** The address of one of the provider's resources. */
  public URI url(String path) {
    return URI.create(baseUrl + path);
  }

  /** The text without the API key, or anything that looks like one. */
  String withoutKey(String text) {
    String known = key == null ? text : text.replace(key, "***");
    return KEY_LIKE.matcher(known).replaceAll("***");
  }

  /** What clients may read of a refused key; which variable holds it is for the log alone. */
  String keyRefused(int status) {
    return "Provider "
        + provider
        + " refused "
        + (key == null ? "a call without an API key" : "its API key")
        + " (HTTP "
        + status
        + ")";
  }

  /** Never contains the key. */
  @Override
  public String toString() {
    return provider + " at " + baseUrl;
  }
}
