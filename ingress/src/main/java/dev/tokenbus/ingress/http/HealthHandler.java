package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.access.InFlightLimiter;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import io.javalin.http.Context;
import java.util.function.BooleanSupplier;

/**
 * Serves health checks to load balancers and orchestrators, without authentication and without
 * details that a stranger should not know. Thread-safe.
 */
public final class HealthHandler {
  private final BrokerWatch broker;
  private final BooleanSupplier replyLog;
  private final BooleanSupplier catalogue;
  private final InFlightLimiter limiter;

  /**
   * Creates the handler.
   *
   * @param replyLog whether the reply log is read for those who come back
   * @param catalogue whether the catalogue is followed
   */
  public HealthHandler(
      BrokerWatch broker,
      BooleanSupplier replyLog,
      BooleanSupplier catalogue,
      InFlightLimiter limiter) {
    this.broker = broker;
    this.replyLog = replyLog;
    this.catalogue = catalogue;
    this.limiter = limiter;
  }

  /**
   * Whether new requests will be served: the reply partition is positioned, the broker responds,
   * replies and catalogue are followed, the reply log is read, no shutdown is on.
   */
  public boolean ready() {
    return broker.positioned()
        && broker.answering()
        && broker.following()
        && replyLog.getAsBoolean()
        && catalogue.getAsBoolean()
        && !limiter.isClosed();
  }

  /** Always 200: a process that can respond is alive. */
  void live(Context context) {
    answer(context, 200, "{\"status\":\"alive\"}");
  }

  public void ready(Context context) {
    boolean ready = ready();
    answer(context, ready ? 200 : 503, status(ready ? "ready" : "not_ready"));
  }

  void health(Context context) {
    boolean ready = ready();
    answer(context, ready ? 200 : 503, status(ready ? "healthy" : "unhealthy"));
  }

  private String status(String word) {
    return "{\"status\":\"%s\",\"checks\":{\"replies\":\"%s\",\"reply_log\":\"%s\",\"broker\":\"%s\",\"catalogue\":\"%s\",\"accepting\":%b},\"in_flight\":%d}"
        .formatted(
            word,
            replies(),
            replyLog.getAsBoolean() ? "read" : "stopped",
            broker.answering() ? "answering" : "silent",
            catalogue.getAsBoolean() ? "followed" : "waiting",
            !limiter.isClosed(),
            limiter.inFlight());
  }

  private String replies() {
    if (!broker.positioned()) {
      return "not_positioned";
    }
    return broker.following() ? "positioned" : "waiting";
  }

  private static void answer(Context context, int status, String json) {
    context
        .status(status)
        .header("Cache-Control", "no-store")
        .contentType("application/json")
        .result(json);
  }
}
