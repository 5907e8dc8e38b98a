package dev.tokenbus.ingress;

import io.javalin.http.Context;

/**
 * Health for load balancers and orchestrators: without a credential, and saying nothing that a
 * stranger should not know. Thread-safe.
 */
final class HealthHandler {
  private final BrokerWatch broker;
  private final Gate gate;

  HealthHandler(BrokerWatch broker, Gate gate) {
    this.broker = broker;
    this.gate = gate;
  }

  /**
   * Whether new requests will be served: the reply partition is positioned, the broker answers, no
   * shutdown is on.
   */
  boolean ready() {
    return broker.positioned() && broker.answering() && !gate.isClosed();
  }

  /** The process runs and serves HTTP; that it was reached shows it. */
  void live(Context context) {
    answer(context, 200, "{\"status\":\"alive\"}");
  }

  void ready(Context context) {
    boolean ready = ready();
    answer(context, ready ? 200 : 503, status(ready ? "ready" : "not_ready"));
  }

  void health(Context context) {
    boolean ready = ready();
    answer(context, ready ? 200 : 503, status(ready ? "healthy" : "unhealthy"));
  }

  private String status(String word) {
    return "{\"status\":\"%s\",\"checks\":{\"replies\":\"%s\",\"broker\":\"%s\",\"accepting\":%b},\"in_flight\":%d}"
        .formatted(
            word,
            broker.positioned() ? "positioned" : "not_positioned",
            broker.answering() ? "answering" : "silent",
            !gate.isClosed(),
            gate.inFlight());
  }

  private static void answer(Context context, int status, String json) {
    context
        .status(status)
        .header("Cache-Control", "no-store")
        .contentType("application/json")
        .result(json);
  }
}
