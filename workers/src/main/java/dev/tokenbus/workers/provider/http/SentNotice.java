package dev.tokenbus.workers.provider.http;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;

/**
 * Tells when the HTTP client has taken the last piece of a request's body.
 *
 * @param sent called on the client's thread; must not block
 */
record SentNotice(BodyPublisher body, Runnable sent) implements BodyPublisher {
  /** The same request, with the notice. */
  static HttpRequest on(HttpRequest request, Runnable sent) {
    return request
        .bodyPublisher()
        .map(body ->
            HttpRequest.newBuilder(request, (name, value) -> true)
                .method(request.method(), new SentNotice(body, sent))
                .build())
        .orElse(request);
  }

  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    body.subscribe(
        new Subscriber<ByteBuffer>() {
          @Override
          public void onSubscribe(Subscription subscription) {
            subscriber.onSubscribe(subscription);
          }

          @Override
          public void onNext(ByteBuffer piece) {
            subscriber.onNext(piece);
          }

          @Override
          public void onError(Throwable problem) {
            subscriber.onError(problem);
          }

          @Override
          public void onComplete() {
            subscriber.onComplete();
            sent.run();
          }
        });
  }
}
