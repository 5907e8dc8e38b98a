package dev.tokenbus.ingress;

import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/** What can be done to the connection of a request. */
final class Connections {
  private Connections() {}

  /** The TCP connection under a request. */
  static EndPoint endPoint(HttpServletRequest request) {
    return ServletContextRequest.getServletContextRequest(request)
        .getConnectionMetaData()
        .getConnection()
        .getEndPoint();
  }

  /**
   * Cuts the connection, so that an answer without its end cannot be taken for a whole one. Not by
   * aborting the channel: Javalin, which still looks at the request after its handler, does not
   * expect that.
   */
  static void cut(HttpServletRequest request, Throwable reason) {
    endPoint(request).close(reason);
  }
}
