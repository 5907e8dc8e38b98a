package dev.tokenbus.ingress.access;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.KeyHash;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ClientGone;
import dev.tokenbus.schemas.avro.TenantEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks API keys up in the catalogue in memory, without a call to another process. The lookup is by
 * SHA-256, so its duration tells nothing about existing keys. Thread-safe.
 */
public final class Authentication {
  private static final String BEARER = "Bearer ";

  /** Where the SDKs of every dialect put the key, beside {@code Authorization}. */
  private static final List<String> KEY_HEADERS = List.of("X-API-Key", "x-goog-api-key", "apikey");

  private static final String CANCEL = "cancel";

  private final Supplier<Catalogue> catalogue;
  private final InstantSource clock;

  public Authentication(Supplier<Catalogue> catalogue, InstantSource clock) {
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /**
   * The caller whose key the request carries in {@code Authorization} (Bearer), {@code X-API-Key},
   * {@code x-goog-api-key} or {@code apikey}; the first of them counts.
   *
   * @throws ProblemException if there is no key, it is not known, or it has expired
   */
  public Caller caller(HttpServletRequest request) {
    String key = key(request);
    if (key == null) {
      throw new ProblemException(
          Problem.of(
              ErrorCode.INVALID_API_KEY,
              "You didn't provide an API key. Provide it in an Authorization header using Bearer auth"
                  + " (Authorization: Bearer YOUR_KEY), or in an X-API-Key header."));
    }
    Catalogue known = catalogue.get();
    ApiKeyEntry entry =
        known
            .key(KeyHash.sha256(key))
            .orElseThrow(() ->
                new ProblemException(
                    Problem.of(
                        ErrorCode.INVALID_API_KEY,
                        "Incorrect API key provided. Check it, or ask your operator for a new one.")));
    Instant expiry = entry.getExpiresAt();
    if (expiry != null && !clock.instant().isBefore(expiry)) {
      throw new ProblemException(
          Problem.of(
              ErrorCode.INVALID_API_KEY,
              "The API key provided has expired. Ask your operator for a new one."));
    }
    return new Caller(
        entry.getTenant(),
        entry.getName(),
        entry.getTeam(),
        entry.getUser(),
        entry.getModels(),
        clientGone(known, entry));
  }

  private static @Nullable String key(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      String key = authorization.substring(BEARER.length()).strip();
      if (!key.isEmpty()) {
        return key;
      }
    }
    for (String header : KEY_HEADERS) {
      String key = request.getHeader(header);
      if (key != null && !key.isBlank()) {
        return key.strip();
      }
    }
    return null;
  }

  private static ClientGone clientGone(Catalogue catalogue, ApiKeyEntry key) {
    String policy = key.getClientGone();
    if (policy == null) {
      policy = catalogue.tenant(key.getTenant()).map(TenantEntry::getClientGone).orElse("");
    }
    return CANCEL.equals(policy) ? ClientGone.CANCEL : ClientGone.CONTINUE;
  }
}
