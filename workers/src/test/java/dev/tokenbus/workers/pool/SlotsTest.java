package dev.tokenbus.workers.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.workers.attempt.CallSlot;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlotsTest {
  @Test
  void letsFiveHundredCallsBeginAtOnce() {
    Slots slots = new Slots(SlotLimits.of(entry(100), 2_048).sizing(12));

    for (int i = 0; i < 512; i++) {
      assertThat(slots.tryTake(1)).isTrue();
      CallSlot _ = slots.use();
    }

    assertThat(slots.total()).isBetween(512, 2_048);
    assertThat(slots.ceiling()).isEqualTo(2_048);
  }

  @Test
  void takesNoMoreThanWhatTheProviderBears() {
    Slots slots = new Slots(SlotLimits.of(entry(100), 2_048).sizing(12));
    assertThat(slots.tryTake(100)).isTrue();
    CallSlot refused = slots.use();

    refused.refused();
    refused.free();
    refused.free();

    assertThat(slots.total()).isEqualTo(50);
    assertThat(slots.tryTake(1)).isFalse();
    assertThat(slots.free()).isZero();
  }

  @Test
  void keepsToTheFewSlotsThatAnOperatorAllows() {
    assertThat(SlotLimits.of(entry(4), 2_048)).isEqualTo(new SlotLimits(4, 4));
    assertThat(SlotLimits.of(withCeiling("16"), 2_048)).isEqualTo(new SlotLimits(4, 16));
    assertThatThrownBy(() -> SlotLimits.of(withCeiling("many"), 2_048))
        .hasMessageContaining("gpu")
        .hasMessageContaining("many");
  }

  private static ProviderEntry entry(int slots) {
    return ProviderEntry.newBuilder().setName("gpu").setDialect("openai").setSlots(slots).build();
  }

  private static ProviderEntry withCeiling(String ceiling) {
    return ProviderEntry.newBuilder(entry(4))
        .setOptions(Map.of(SlotLimits.CEILING, ceiling))
        .build();
  }
}
