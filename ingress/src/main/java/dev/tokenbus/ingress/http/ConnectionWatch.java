package dev.tokenbus.ingress.http;

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
 * Detects that a client closes its connection while its request runs, without writing to it. An
 * HTTP/1.1 server does not read until it has responded, so it would notice the close only when the
 * next heartbeats fail. This class asks Jetty's selector for the next readable byte, which is
 * either the end of the connection or the beginning of a pipelined request; the latter is given
 * back.
 *
 * <p>The request's thread uses it after it has read the body, and closes it before the request
 * ends.
 */
public final class ConnectionWatch implements AutoCloseable {
  private final EndPoint endPoint;
  private final Runnable gone;
  private boolean armed;
  private @Nullable NextByte watching;

  /**
   * Creates a watch that is not armed yet.
   *
   * @param gone runs at most once, on any thread
   */
  public ConnectionWatch(HttpServletRequest request, Runnable gone) {
    this.gone = gone;
    endPoint = Connections.endPoint(request);
  }

  public boolean isArmed() {
    return armed;
  }

  /**
   * Begins to watch. It costs a selector update, which is worth it only for requests that take
   * long.
   */
  public void arm() {
    armed = true;
    NextByte nextByte = new NextByte();
    if (endPoint.tryFillInterested(nextByte)) {
      watching = nextByte;
    }
  }

  /**
   * Gives the read interest back to Jetty, which needs it for the connection's next request. If
   * that request has begun to arrive, returns when its first byte has been given back, since Jetty
   * reads the rest at once.
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
     * Jetty asks for the type before it takes the callback, which may have been replaced by then by
     * the connection's own one, and that one runs the next request.
     */
    @Override
    public Invocable.InvocationType getInvocationType() {
      return Invocable.InvocationType.BLOCKING;
    }
  }
}
