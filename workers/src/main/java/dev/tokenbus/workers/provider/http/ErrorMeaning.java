package dev.tokenbus.workers.provider.http;

import dev.tokenbus.schemas.errors.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What a provider's error response means.
 *
 * @param message the provider's own message; null where it gave none
 * @param param the request parameter at fault, where the provider named one
 */
public record ErrorMeaning(ErrorCode code, @Nullable String message, @Nullable String param) {}
