package dev.tokenbus.workers.provider.http;

import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.ProviderFailure;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a response with an error status. */
final class ErrorBodyReader implements ResponseBody.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorBodyReader.class);

  /** Some servers answer errors with whole web pages; the reason stands in the first bytes. */
  private static final int MOST_BYTES = 64 * 1024;

  private final HttpCall call;
  private final HttpDialect dialect;
  private final Endpoint endpoint;
  private final InstantSource clock;
  private final HttpResponse.ResponseInfo head;
  private final @Nullable String requestId;
  private final BodyChunks body = new BodyChunks();
  private int length;

  ErrorBodyReader(
      HttpCall call,
      HttpDialect dialect,
      Endpoint endpoint,
      InstantSource clock,
      HttpResponse.ResponseInfo head,
      @Nullable String requestId) {
    this.call = call;
    this.dialect = dialect;
    this.endpoint = endpoint;
    this.clock = clock;
    this.head = head;
    this.requestId = requestId;
  }

  @Override
  public void bytes(ByteBuffer piece) {
    ByteBuffer kept =
        piece.slice(piece.position(), Math.min(piece.remaining(), MOST_BYTES - length));
    length += kept.remaining();
    body.write(kept);
  }

  @Override
  public boolean readEnded() {
    if (length < MOST_BYTES) {
      return false;
    }
    call.fail(failure());
    return true;
  }

  @Override
  public void ended(@Nullable Throwable problem) {
    call.fail(failure());
  }

  private ProviderFailure failure() {
    int status = head.statusCode();
    ErrorMeaning error = dialect.error(status, body.toByteArray());
    ErrorCode code = error.code();
    String message = error.message();
    if (code == ErrorCode.PROVIDER_AUTHENTICATION) {
      LOG.atWarn()
          .addKeyValue("provider", endpoint.provider())
          .addKeyValue("key_variable", endpoint.keyVariable())
          .addKeyValue("status", status)
          .log("a provider refused its API key");
      message = endpoint.keyRefused(status);
    } else if (status / 100 == 3) {
      message =
          "Provider "
              + endpoint.provider()
              + " redirects (HTTP "
              + status
              + "): check its base-url";
    } else if (message == null) {
      message =
          "Provider " + endpoint.provider() + " answered HTTP " + status + " without a reason";
    }
    return new ProviderFailure(
        code, message, error.param(), status, RetryAfter.millis(head.headers(), clock), requestId);
  }
}
