package dev.tokenbus.cli;

import dev.tokenbus.local.LocalPort;
import java.util.random.RandomGenerator;

/** Ports for tests, below the range that outgoing connections take theirs from. */
final class TestPorts {
  private TestPorts() {}

  static int free() {
    RandomGenerator random = RandomGenerator.getDefault();
    while (true) {
      int port = random.nextInt(15_000, 20_000);
      if (LocalPort.isFree(port)) {
        return port;
      }
    }
  }
}
