package dev.tokenbus.ingress.protocol;

import java.util.Map;

/**
 * An error response in the words of a dialect.
 *
 * @param headers headers that the dialect's clients look for, beside the common ones
 */
@SuppressWarnings("ArrayRecordComponent") // is written once and never compared
public record ErrorResponse(
    int status, String contentType, byte[] body, Map<String, String> headers) {
  public ErrorResponse {
    headers = Map.copyOf(headers);
  }
}
