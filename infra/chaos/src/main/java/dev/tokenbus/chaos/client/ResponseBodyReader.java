package dev.tokenbus.chaos.client;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a response piece by piece, each within a time limit, which a stream of the
 * JDK's client does not offer. One thread reads; closing cancels the exchange.
 */
final class ResponseBodyReader implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
  private sealed interface Signal {}

  private record Bytes(List<ByteBuffer> buffers) implements Signal {}

  private record End() implements Signal {}

  private record Broken(Throwable cause) implements Signal {}

  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private volatile Flow.@Nullable Subscription subscription;

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    signals.add(new Bytes(buffers));
  }

  @Override
  public void onError(Throwable cause) {
    signals.add(new Broken(cause));
  }

  @Override
  public void onComplete() {
    signals.add(new End());
  }

  /**
   * The next piece; empty at the end.
   *
   * @throws SocketTimeoutException if nothing comes within the limit
   * @throws IOException if the connection breaks
   */
  List<ByteBuffer> next(Duration limit) throws IOException, InterruptedException {
    return switch (signals.poll(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      case null -> throw new SocketTimeoutException("nothing for " + limit.toMillis() + " ms");
      case Bytes bytes -> bytes.buffers();
      case End _ -> List.of();
      case Broken broken ->
          throw new IOException(
              "connection broken: " + broken.cause().getMessage(), broken.cause());
    };
  }

  @Override
  public void close() {
    Flow.Subscription given = subscription;
    if (given != null) {
      given.cancel();
    }
  }
}
