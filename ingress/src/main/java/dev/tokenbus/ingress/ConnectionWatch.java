package dev.tokenbus.ingress;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a client closes its connection while it is waited for, without writing to it.
 * HTTP/1.1 servers do not read while a request is being answered, so the end of the connection
 * would go unseen until the next heartbeats fail; this asks Jetty's selector for the next readable
 * byte, which is either that end or the beginning of a pipelined request, and the latter is given
 * back.
 *
 * <p>To be used once the request's body has been read, and closed before the request ends, by the
 * request's thread.
 */
final class ConnectionWatch implements AutoCloseable {
  private final EndPoint endPoint;
  private final Runnable gone;
  private boolean armed;
  private @Nullable NextByte watching;

  /**
   * A watch that is not armed yet.
   *
   * @param gone called at most once, on any thread
   */
  ConnectionWatch(HttpServletRequest request, Runnable gone) {
    this.gone = gone;
    endPoint = Connections.endPoint(request);
  }

  boolean isArmed() {
    return armed;
  }

  /**
   * Begins to watch. Costs a selector update, so it is worth while only for a request that takes
   * its time.
   */
  void arm() {
    armed = true;
    NextByte nextByte = new NextByte();
    if (endPoint.tryFillInterested(nextByte)) {
      watching = nextByte;
    }
  }

  /**
   * Lets go of the interest, which Jetty needs for the connection's next request. Where that
   * request has begun to come, returns when its first byte has been given back: Jetty goes on to
   * read the rest at once.
   */
  @Override
  public void close() {
    if (watching != null && endPoint instanceof AbstractEndPoint selectable) {
      selectable.getFillInterest().onFail(new CancellationException());
      watching.over.join();
    }
  }

  private final class NextByte implements Callback {
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    @Override
    public void succeeded() {
      try {
        fill();
      } finally {
        over.complete(null);
      }
    }

    private void fill() {
      ByteBuffer buffer = BufferUtil.allocate(1);
      int count;
      try {
        count = endPoint.fill(buffer);
      } catch (IOException e) {
        count = -1;
      }
      if (count < 0) {
        gone.run();
      } else if (count > 0 && endPoint.getConnection() instanceof Connection.UpgradeTo connection) {
        connection.onUpgradeTo(buffer);
      }
    }

    @Override
    public void failed(Throwable reason) {
      try {
        if (!(reason instanceof CancellationException)) {
          gone.run();
        }
      } finally {
        over.complete(null);
      }
    }

    /**
     * Jetty asks before it takes the callback, which may be another by then: the connection's own,
     * that runs the next request.
     */
    @Override
    public Invocable.InvocationType getInvocationType() {
      return Invocable.InvocationType.BLOCKING;
    }
  }
}
