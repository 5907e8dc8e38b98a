package dev.tokenbus.bench.load;

import java.time.Duration;

/** When requests begin. */
public sealed interface Arrival {
  /**
   * So many clients, each of which begins its next request when its last one has ended. A slow
   * server is asked less often, so this measures throughput and not what a visitor waits.
   *
   * @param rampUp the clients' first requests are spread evenly over this time
   */
  record ClosedLoop(int clients, Duration rampUp) implements Arrival {
    public ClosedLoop {
      if (clients < 1 || rampUp.isNegative()) {
        throw new IllegalArgumentException("clients must be 1 or more, rampUp not negative");
      }
    }
  }

  /**
   * A fixed number of requests, so many of them at a time. The run ends with the last one.
   *
   * @param clients that send them
   * @param requests of all clients together
   */
  record Batch(int clients, int requests) implements Arrival {
    public Batch {
      if (clients < 1 || requests < 1) {
        throw new IllegalArgumentException("clients and requests must be 1 or more");
      }
    }
  }

  /**
   * So many requests a second, each at random in its own slot, whatever the server does. Times
   * count from the moment when the request should have begun, so a stall is felt by all whom it
   * would have kept waiting.
   */
  record OpenLoop(double perSecond) implements Arrival {
    public OpenLoop {
      if (!(perSecond > 0 && perSecond <= 100_000)) {
        throw new IllegalArgumentException("perSecond must be above 0 and at most 100000");
      }
    }
  }
}
