package dev.tokenbus.workers.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.workers.provider.ProviderCall;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurrentCallTest {
  private final List<String> cancelled = new ArrayList<>();
  private final CurrentCall current = new CurrentCall();

  @Test
  void breaksOffTheCallBefore() {
    current.make(() -> call("first"));
    current.make(() -> call("second"));

    assertThat(cancelled).containsExactly("first");
  }

  @Test
  void keepsTheLaterOfTwoCallsWhereTheEarlierEndedWhileItWasStarted() {
    current.make(() -> {
      current.make(() -> call("second"));
      return call("first");
    });
    assertThat(cancelled).containsExactly("first");

    current.cancel();

    assertThat(cancelled).containsExactly("first", "second");
  }

  @Test
  void breaksOffACallThatIsBeingStarted() {
    current.make(() -> {
      current.cancel();
      return call("late");
    });

    assertThat(cancelled).containsExactly("late");
  }

  @Test
  void makesNoCallOnceItIsCancelled() {
    current.cancel();

    current.make(() -> {
      throw new AssertionError("a call was made");
    });

    assertThat(cancelled).isEmpty();
  }

  private ProviderCall call(String name) {
    return () -> cancelled.add(name);
  }
}
