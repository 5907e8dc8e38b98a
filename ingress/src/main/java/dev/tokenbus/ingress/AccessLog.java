package dev.tokenbus.ingress;

import io.javalin.http.Context;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line per request, once it is over: who, what, how long; never a body and never a key.
 * Thread-safe.
 */
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

  private AccessLog() {}

  static void write(Context context) {
    Exchange exchange = Exchange.of(context.req());
    if (exchange == null) {
      return;
    }
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("request_id", exchange.requestId())
            .addKeyValue("method", context.req().getMethod())
            .addKeyValue("path", context.path())
            .addKeyValue("status", context.res().getStatus())
            .addKeyValue("duration_ms", exchange.durationMillis());
    Caller caller = exchange.callerIfKnown();
    if (caller != null) {
      line =
          line.addKeyValue("tenant", caller.tenant())
              .addKeyValue("key", caller.keyId())
              .addKeyValue("session", exchange.session());
    }
    if (exchange.model() != null) {
      line =
          line.addKeyValue("model", exchange.model())
              .addKeyValue("stream", exchange.streamed())
              .addKeyValue("first_byte_ms", exchange.firstByteMillis());
    }
    if (exchange.ending() != null) {
      line = line.addKeyValue("ending", exchange.ending());
    }
    line.log("request answered");
  }
}
