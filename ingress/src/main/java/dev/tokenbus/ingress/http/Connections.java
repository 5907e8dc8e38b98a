package dev.tokenbus.ingress.http;

import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/** Access to the TCP connection of a request. */
public final class Connections {
  private Connections() {}

  /** The end point of a request's connection. */
  static EndPoint endPoint(HttpServletRequest request) {
    return ServletContextRequest.getServletContextRequest(request)
        .getConnectionMetaData()
        .getConnection()
        .getEndPoint();
  }

  /**
   * Cuts the connection, so that the client cannot take a truncated response for a whole one. It
   * does not abort the channel, since Javalin still reads the request after its handler returns.
   */
  public static void cut(HttpServletRequest request, Throwable reason) {
    endPoint(request).close(reason);
  }
}
