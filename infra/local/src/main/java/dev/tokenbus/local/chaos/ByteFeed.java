package dev.tokenbus.local.chaos;

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
 * The body of an answer as its reader wants it: pieces, waited for no longer than a limit. (A
 * stream of the JDK's client waits for ever.) One thread reads; closing ends the exchange.
 */
final class ByteFeed implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
  private sealed interface Event {}

  private record Bytes(List<ByteBuffer> buffers) implements Event {}

  private record End() implements Event {}

  private record Cut(Throwable cause) implements Event {}

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private volatile Flow.@Nullable Subscription subscription;

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Bytes(buffers));
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Cut(cause));
  }

  @Override
  public void onComplete() {
    events.add(new End());
  }

  /**
   * The next piece; empty at the end.
   *
   * @throws SocketTimeoutException if nothing comes within the limit
   * @throws IOException if the connection breaks
   */
  List<ByteBuffer> next(Duration limit) throws IOException, InterruptedException {
    return switch (events.poll(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      case null -> throw new SocketTimeoutException("nothing for " + limit.toMillis() + " ms");
      case Bytes bytes -> bytes.buffers();
      case End _ -> List.of();
      case Cut cut -> throw new IOException("cut: " + cut.cause().getMessage(), cut.cause());
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
