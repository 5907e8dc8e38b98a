package dev.tokenbus.router.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceDirectoryTest {
  @TempDir private Path parent;

  @Test
  void givesEveryInstanceADirectoryOfItsOwn() {
    try (InstanceDirectory first = InstanceDirectory.claim(parent);
        InstanceDirectory second = InstanceDirectory.claim(parent)) {
      assertThat(first.path()).isNotEqualTo(second.path());
    }
  }

  @Test
  void givesTheDirectoryOfAnInstanceThatIsGoneToTheNext() {
    InstanceDirectory first = InstanceDirectory.claim(parent);
    Path path = first.path();
    first.close();

    try (InstanceDirectory next = InstanceDirectory.claim(parent)) {
      assertThat(next.path()).isEqualTo(path);
    }
  }
}
