package dev.tokenbus.workers.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.avro.UsageUnit;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class UsageSumTest {
  @Test
  void leavesNoClassOut() {
    TokenUsage one = new TokenUsage();
    TokenUsage two = new TokenUsage();
    int classes = 0;
    for (Schema.Field field : TokenUsage.getClassSchema().getFields()) {
      if (field.schema().getType() == Schema.Type.LONG) {
        one.put(field.pos(), 1L << classes);
        two.put(field.pos(), 1_000_000L);
        classes++;
      }
    }
    one.put("source", UsageSource.PROVIDER);
    two.put("source", UsageSource.PROVIDER);
    two.put("raw", "{}");
    one.put("units", List.of(new UsageUnit("searches", 1_000_000L)));
    two.put(
        "units",
        List.of(new UsageUnit("searches", 2_000_000L), new UsageUnit("seconds", 500_000L)));

    TokenUsage sum = Objects.requireNonNull(UsageSum.sum(one, two));

    assertThat(classes).isEqualTo(15);
    int bit = 0;
    for (Schema.Field field : TokenUsage.getClassSchema().getFields()) {
      if (field.schema().getType() == Schema.Type.LONG) {
        assertThat(sum.get(field.pos())).as(field.name()).isEqualTo(1_000_000L + (1L << bit++));
      }
    }
    assertThat(sum.getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(sum.getRaw()).isEqualTo("{}");
    assertThat(sum.getUnits())
        .containsExactly(new UsageUnit("searches", 3_000_000L), new UsageUnit("seconds", 500_000L));
  }

  @Test
  void isAnEstimateAsSoonAsAPartIsOne() {
    TokenUsage counted = usage(UsageSource.PROVIDER);
    TokenUsage estimated = usage(UsageSource.ESTIMATE);

    assertThat(UsageSum.sum(counted, estimated))
        .extracting(TokenUsage::getSource)
        .isEqualTo(UsageSource.ESTIMATE);
    assertThat(UsageSum.sum(estimated, counted))
        .extracting(TokenUsage::getSource)
        .isEqualTo(UsageSource.ESTIMATE);
  }

  @Test
  void takesWhatThereIs() {
    TokenUsage counted = usage(UsageSource.PROVIDER);

    assertThat(UsageSum.sum(null, counted)).isEqualTo(counted);
    assertThat(UsageSum.sum(counted, null)).isEqualTo(counted);
    assertThat(UsageSum.sum(null, null)).isNull();
  }

  private static TokenUsage usage(UsageSource source) {
    return TokenUsage.newBuilder().setInput(3).setOutput(1).setSource(source).build();
  }
}
