package dev.tokenbus.router.processing;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test with a topology of its own. */
abstract class RouterDriven {
  @TempDir Path state;
  RouterDriver router;

  @BeforeEach
  void start() throws IOException {
    router = new RouterDriver(state);
  }

  @AfterEach
  void stop() {
    router.close();
  }
}
