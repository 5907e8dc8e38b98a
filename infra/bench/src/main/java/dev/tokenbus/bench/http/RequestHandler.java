package dev.tokenbus.bench.http;

/** Answers the requests of an {@link HttpServer}, on its loop's thread, without blocking. */
@FunctionalInterface
public interface RequestHandler {
  /** Starts to answer; the exchange may be finished later, from timers of its loop. */
  void handle(HttpRequest request, Exchange exchange);
}
