package dev.tokenbus.chaos.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventIdSequenceTest {
  private final EventIdSequence order = new EventIdSequence();

  @Test
  void takesIdsThatRiseWithinARecordAndFromRecordToRecord() {
    assertThat(order.accept("9.0")).isTrue();
    assertThat(order.accept("9.1")).isTrue();
    assertThat(order.accept("10.0")).isTrue();
    assertThat(order.last()).isEqualTo("10.0");
  }

  @Test
  void noticesARepeatAndAStepBack() {
    order.accept("10.3");

    assertThat(order.accept("10.3")).isFalse();
    assertThat(new EventIdSequence().accept("10.3")).isTrue();
    order.accept("10.4");
    assertThat(order.accept("9.9")).isFalse();
  }

  @Test
  void refusesWhatIsNoPosition() {
    assertThat(order.accept("x.1")).isFalse();
    assertThat(order.accept("17")).isFalse();
  }
}
