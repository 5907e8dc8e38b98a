package dev.tokenbus.workers.provider.http;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes a body once, and holds no piece of it that has been handed on: the HTTP client keeps
 * its request, and with it the publisher, until the answer has ended.
 *
 * <p>The client calls it from one thread at a time, which may change.
 */
final class OneTimePublisher implements BodyPublisher {
  private final Deque<byte[]> pieces;
  private final long length;
  private final AtomicBoolean subscribed = new AtomicBoolean();

  /**
   * @param pieces none of them empty
   */
  OneTimePublisher(Collection<byte[]> pieces) {
    this.pieces = new ArrayDeque<>(pieces);
    length = pieces.stream().mapToLong(piece -> piece.length).sum();
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    if (subscribed.compareAndSet(false, true)) {
      subscriber.onSubscribe(new Sending(subscriber));
    } else {
      subscriber.onSubscribe(new Nothing());
      subscriber.onError(new IOException("The body has been sent before"));
    }
  }

  private static final class Nothing implements Subscription {
    @Override
    public void request(long count) {
      // There is nothing to send.
    }

    @Override
    public void cancel() {
      // There is nothing to send.
    }
  }

  private final class Sending implements Subscription {
    private final Subscriber<? super ByteBuffer> subscriber;
    private final AtomicLong wanted = new AtomicLong();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean over;

    private Sending(Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      wanted.accumulateAndGet(count, (one, more) -> one + more < 0 ? Long.MAX_VALUE : one + more);
      // A subscriber asks for more while it is given something: then the outer call goes on.
      if (calls.getAndIncrement() > 0) {
        return;
      }
      int seen = 1;
      do {
        send();
        seen = calls.addAndGet(-seen);
      } while (seen != 0);
    }

    private void send() {
      while (!over && wanted.get() > 0) {
        wanted.decrementAndGet();
        byte[] piece = pieces.poll();
        if (piece != null) {
          subscriber.onNext(ByteBuffer.wrap(piece));
        }
        if (pieces.isEmpty()) {
          over = true;
          subscriber.onComplete();
        }
      }
    }

    @Override
    public void cancel() {
      over = true;
    }
  }
}
