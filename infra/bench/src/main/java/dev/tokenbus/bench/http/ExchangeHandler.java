package dev.tokenbus.bench.http;

/** Answers the requests of a {@link MockServer}, on its loop's thread, without blocking. */
@FunctionalInterface
public interface ExchangeHandler {
  /** Starts to answer; the exchange may be finished later, from timers of its loop. */
  void handle(HttpRequest request, Exchange exchange);
}
