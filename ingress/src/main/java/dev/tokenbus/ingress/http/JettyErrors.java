package dev.tokenbus.ingress.http;

import dev.tokenbus.runtime.json.Utf8Buffer;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Writes Jetty's own errors (bad request line, bad URI, headers too large) as JSON. Thread-safe.
 */
final class JettyErrors extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      String message,
      Throwable cause,
      Callback callback) {
    Utf8Buffer body = new Utf8Buffer();
    body.ascii("{\"error\":{\"message\":")
        .string(HttpStatus.getMessage(code))
        .ascii(",\"type\":")
        .string(code < 500 ? "invalid_request_error" : "server_error")
        .ascii(",\"param\":null,\"code\":null}}");
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.write(true, ByteBuffer.wrap(body.toByteArray()), callback);
  }
}
