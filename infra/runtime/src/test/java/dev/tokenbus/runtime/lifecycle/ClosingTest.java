package dev.tokenbus.runtime.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void closesInReverseOrderAndOnce() {
    Closing parts = new Closing();
    parts.add(() -> closed.add("first"));
    parts.add(() -> closed.add("second"));
    parts.add(() -> closed.add("third"));

    parts.close();
    parts.close();

    assertThat(closed).containsExactly("third", "second", "first");
  }

  @Test
  void aPartThatFailsDoesNotKeepTheOthersOpen() {
    Closing parts = new Closing();
    parts.add(() -> closed.add("first"));
    AutoCloseable failing =
        () -> {
          throw new IllegalStateException("does not close");
        };
    parts.add(failing);

    parts.close();

    assertThat(closed).containsExactly("first");
  }
}
