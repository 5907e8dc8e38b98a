package dev.tokenbus.workers.provider.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Hands the bytes of one response to its reader, one read at a time: the next one is asked for when
 * the reader has dealt with the last, so a reader that blocks holds back the provider.
 */
final class ResponseBody implements BodySubscriber<Void> {
  /** Reads one kind of body; called by one thread at a time. */
  interface Reader {
    /** A piece of the body. */
    void bytes(ByteBuffer piece);

    /**
     * All pieces of one read have been given.
     *
     * @return whether the rest of the body is of no interest
     */
    boolean readEnded();

    /**
     * The body has ended.
     *
     * @param problem why the body ended early; null where it ended as it should
     */
    void ended(@Nullable Throwable problem);
  }

  private static final long LINGER_SECONDS = 5;

  private final Reader reader;
  private final CompletableFuture<Void> result = new CompletableFuture<>();
  private final AtomicReference<Flow.@Nullable Subscription> subscription = new AtomicReference<>();
  private volatile boolean cancelled;
  private volatile boolean finished;
  private boolean lingering;

  ResponseBody(Reader reader) {
    this.reader = reader;
  }

  @Override
  public CompletionStage<Void> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription.set(given);
    if (cancelled) {
      given.cancel();
    } else {
      given.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> read) {
    Flow.Subscription upstream = subscription.get();
    if (cancelled || upstream == null) {
      return;
    }
    if (!lingering) {
      try {
        read.forEach(reader::bytes);
        lingering = reader.readEnded();
      } catch (RuntimeException e) {
        cancel();
        onError(e);
        return;
      }
      if (lingering) {
        // The end of the body lets the connection be reused; a server that keeps it open gets a
        // moment.
        CompletableFuture.delayedExecutor(LINGER_SECONDS, TimeUnit.SECONDS).execute(this::cancel);
      }
    }
    if (!cancelled) {
      upstream.request(1);
    }
  }

  @Override
  public void onError(Throwable problem) {
    finished = true;
    reader.ended(problem);
    result.complete(null);
  }

  @Override
  public void onComplete() {
    finished = true;
    reader.ended(null);
    result.complete(null);
  }

  /** Whether the body has ended: its connection may serve another call already. */
  boolean finished() {
    return finished;
  }

  /** Closes the connection, unless the body has ended. */
  void cancel() {
    cancelled = true;
    if (finished) {
      return;
    }
    Flow.Subscription given = subscription.get();
    if (given != null) {
      given.cancel();
    }
  }
}
