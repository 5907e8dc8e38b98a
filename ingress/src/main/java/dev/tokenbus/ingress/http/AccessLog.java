package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.access.Caller;
import io.javalin.http.Context;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs one line per request when it has ended: who, what, how long; never a body or a key.
 * Thread-safe.
 */
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

  private AccessLog() {}

  static void write(Context context) {
    RequestContext requestContext = RequestContext.of(context.req());
    if (requestContext == null) {
      return;
    }
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("request_id", requestContext.requestId())
            .addKeyValue("method", context.req().getMethod())
            .addKeyValue("path", context.path())
            .addKeyValue("status", context.res().getStatus())
            .addKeyValue("duration_ms", requestContext.durationMillis());
    Caller caller = requestContext.callerIfKnown();
    if (caller != null) {
      line =
          line.addKeyValue("tenant", caller.tenant())
              .addKeyValue("key", caller.keyId())
              .addKeyValue("session", requestContext.session());
    }
    if (requestContext.model() != null) {
      line =
          line.addKeyValue("model", requestContext.model())
              .addKeyValue("stream", requestContext.streamed())
              .addKeyValue("first_byte_ms", requestContext.firstByteMillis());
    }
    if (requestContext.ending() != null) {
      line = line.addKeyValue("ending", requestContext.ending());
    }
    line.log("request ended");
  }
}
