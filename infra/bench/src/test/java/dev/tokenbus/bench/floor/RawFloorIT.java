package dev.tokenbus.bench.floor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.bench.load.Percentiles;
import dev.tokenbus.embedded.EmbeddedBroker;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class RawFloorIT {
  private static final FloorPlan BRIEF =
      FloorPlan.DEFAULT.withTimes(Duration.ofSeconds(2), Duration.ofSeconds(2));

  @Test
  void measuresEveryRecordOfTheMeasuredTimeWithAndWithoutAShareGroup() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      for (boolean shareGroup : new boolean[] {false, true}) {
        Percentiles floor =
            RawFloor.measure(broker.bootstrapServers(), BRIEF.withShareGroup(shareGroup));

        assertThat(floor.count()).isEqualTo(100);
        assertThat(floor.min()).isPositive();
        assertThat(floor.p50()).isBetween(floor.min(), floor.max());
      }
      assertThat(topics(broker)).isEmpty();
    }
  }

  private static Iterable<String> topics(EmbeddedBroker broker) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      return admin.listTopics().names().get();
    }
  }

  @Test
  void saysWhatIsWrongWithAPlan() {
    assertThatThrownBy(() -> FloorPlan.DEFAULT.withPerSecond(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("perSecond");
  }
}
