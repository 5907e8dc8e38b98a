package dev.tokenbus.ingress;

import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

/** What can be done to the connection of a request. */
final class Connections {
  private Connections() {}

  /** Cuts the connection without ending the answer in an orderly way. */
  static void abort(HttpServletRequest request, Throwable reason) {
    ServletContextRequest.getServletContextRequest(request).getServletChannel().abort(reason);
  }
}
