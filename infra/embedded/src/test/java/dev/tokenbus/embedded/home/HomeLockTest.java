package dev.tokenbus.embedded.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeLockTest {
  @TempDir private Path home;

  @Test
  void tellsTheSecondComerWhoHoldsTheHome() {
    try (HomeLock lock = HomeLock.take(home)) {
      lock.announce("http://127.0.0.1:8317");
      assertThatThrownBy(() -> HomeLock.take(home))
          .isInstanceOf(AlreadyRunningException.class)
          .hasMessage(
              "already running on %s (pid %d, http://127.0.0.1:8317)"
                  .formatted(home, ProcessHandle.current().pid()));
    }
  }

  @Test
  void isFreeAgainWhenReleased() {
    HomeLock.take(home).close();
    try (HomeLock again = HomeLock.take(home)) {
      assertThat(again).isNotNull();
    }
  }
}
