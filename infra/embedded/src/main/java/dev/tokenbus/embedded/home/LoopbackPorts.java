package dev.tokenbus.embedded.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Finds TCP ports on 127.0.0.1.
 *
 * <p>Ports come from 20000 to 31999, below the range from which Linux (32768) and macOS (49152)
 * take the local ports of outgoing connections. A port from that range could be taken by any client
 * while the server restarts; worse, a client that keeps reconnecting to the stopped server can be
 * given the server's port as its own and connect to itself.
 */
public final class LoopbackPorts {
  private static final int FIRST = 20_000;
  private static final int LAST = 31_999;
  private static final int TRIES = 200;

  private LoopbackPorts() {}

  /** A port that was free a moment ago, and none of {@code reserved}. */
  public static int free(Integer... reserved) {
    RandomGenerator random = ThreadLocalRandom.current();
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int port = random.nextInt(FIRST, LAST + 1);
      if (!List.of(reserved).contains(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free port found on 127.0.0.1 between %d and %d in %d tries"
            .formatted(FIRST, LAST, TRIES));
  }

  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true); // as Kafka and PostgreSQL do: a port in TIME_WAIT is free
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
      return true;
    } catch (BindException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot probe port " + port + " on 127.0.0.1", e);
    }
  }

  public static void requireFree(int port, String purpose) {
    if (!isFree(port)) {
      throw new PortInUseException(port, purpose);
    }
  }
}
