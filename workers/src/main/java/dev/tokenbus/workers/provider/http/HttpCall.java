package dev.tokenbus.workers.provider.http;

import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.ProviderCall;
import dev.tokenbus.workers.provider.ProviderFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP call in flight. The response head decides which reader takes the body, and the listener
 * gets exactly one end.
 *
 * <p>Thread-safe.
 */
final class HttpCall implements ProviderCall, HttpResponse.BodyHandler<Void> {
  private static final Logger LOG = LoggerFactory.getLogger(HttpCall.class);

  private final HttpDialect dialect;
  private final Endpoint endpoint;
  private final InstantSource clock;
  private final AnswerListener listener;
  private final AnswerReader answer;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile @Nullable CompletableFuture<HttpResponse<Void>> exchange;
  private volatile @Nullable ResponseBody body;

  HttpCall(
      HttpDialect dialect,
      Endpoint endpoint,
      InstantSource clock,
      AnswerReader answer,
      AnswerListener listener) {
    this.dialect = dialect;
    this.endpoint = endpoint;
    this.clock = clock;
    this.listener = listener;
    this.answer = answer;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the listener is told, not a future
  void follow(CompletableFuture<HttpResponse<Void>> started) {
    exchange = started;
    started.whenComplete((response, problem) -> {
      if (problem != null && !ended.get()) {
        fail(
            unreachable(
                problem instanceof CompletionException && problem.getCause() != null
                    ? problem.getCause()
                    : problem));
      }
    });
    if (ended.get()) {
      // It may have ended by itself before this thread came here: then its connection is not its
      // own any more.
      disconnect();
    }
  }

  @Override
  public BodySubscriber<Void> apply(HttpResponse.ResponseInfo head) {
    String requestId =
        head.headers()
            .firstValue("x-request-id")
            .or(() -> head.headers().firstValue("request-id"))
            .orElse(null);
    ResponseBody reader;
    if (head.statusCode() / 100 != 2) {
      reader =
          new ResponseBody(new ErrorBodyReader(this, dialect, endpoint, clock, head, requestId));
    } else if (contentType(head).startsWith("text/event-stream")) {
      reader = new ResponseBody(new SseBodyReader(this, answer, requestId));
    } else {
      reader = new ResponseBody(new JsonBodyReader(this, answer, requestId, contentType(head)));
    }
    body = reader;
    if (ended.get()) {
      reader.cancel();
    }
    return reader;
  }

  private static String contentType(HttpResponse.ResponseInfo head) {
    return head.headers().firstValue("content-type").orElse("").toLowerCase(Locale.ROOT);
  }

  /**
   * Passes on to the listener what the reader has gathered: the head before the first output, then
   * the output.
   */
  void deliver(AnswerReader reader, @Nullable String requestId, boolean withHead) {
    if (ended.get()) {
      return;
    }
    if (withHead) {
      listener.onHead(reader.head(requestId));
    }
    if (reader.hasDeltas()) {
      listener.onDeltas(reader.takeDeltas());
    }
  }

  void complete(AnswerEnd end) {
    if (ended.compareAndSet(false, true)) {
      listener.onCompleted(end);
    }
  }

  void fail(ProviderFailure failure) {
    if (ended.compareAndSet(false, true)) {
      listener.onFailed(
          new ProviderFailure(
              failure.code(),
              failure.code() == ErrorCode.PROVIDER_AUTHENTICATION
                  ? failure.message()
                  : endpoint.withoutKey(failure.message()),
              failure.param(),
              failure.httpStatus(),
              failure.retryAfterMs(),
              failure.requestId()));
      disconnect();
    }
  }

  void fail(ErrorCode code, String what, @Nullable String requestId) {
    fail(
        new ProviderFailure(
            code, "Provider " + endpoint.provider() + " " + what, null, null, null, requestId));
  }

  @Override
  public void cancel() {
    if (ended.compareAndSet(false, true)) {
      disconnect();
    }
  }

  private void disconnect() {
    ResponseBody reader = body;
    if (reader != null) {
      if (reader.finished()) {
        // The HTTP client gives the connection back before it says that the body has ended. To
        // cancel the exchange now would close it under the call that has it by then.
        return;
      }
      reader.cancel();
    }
    CompletableFuture<HttpResponse<Void>> running = exchange;
    if (running != null) {
      running.cancel(true);
    }
  }

  /**
   * The connection broke off after the answer had begun.
   *
   * @param what follows the provider's name in the message, which clients read
   */
  void cut(String what, @Nullable Throwable problem, @Nullable String requestId) {
    if (ended.get()) {
      // The call was cancelled, and its connection closed for that.
      return;
    }
    if (problem != null) {
      log(problem, "connection to a provider broke off");
    }
    fail(ErrorCode.STREAM_CUT, what, requestId);
  }

  private ProviderFailure unreachable(Throwable problem) {
    String provider = "Provider " + endpoint.provider();
    if (problem instanceof ConnectException || problem instanceof HttpConnectTimeoutException) {
      log(problem, "provider cannot be reached");
      return ProviderFailure.of(ErrorCode.PROVIDER_UNAVAILABLE, provider + " cannot be reached");
    }
    if (problem instanceof IOException) {
      log(problem, "provider closed the connection before it answered");
      return ProviderFailure.of(
          ErrorCode.PROVIDER_UNAVAILABLE, provider + " closed the connection before it answered");
    }
    log(problem, "provider could not be called");
    return ProviderFailure.of(ErrorCode.INTERNAL, provider + " could not be called");
  }

  /** Clients read a failure's message, and where a provider runs is not theirs to know. */
  private void log(Throwable problem, String event) {
    LOG.atWarn()
        .addKeyValue("provider", endpoint.provider())
        .addKeyValue("address", endpoint.baseUrl().getAuthority())
        .addKeyValue("reason", problem.toString())
        .log(event);
  }
}
