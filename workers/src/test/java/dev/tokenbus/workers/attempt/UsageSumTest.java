package dev.tokenbus.workers.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
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

    TokenUsage sum = Objects.requireNonNull(UsageSum.sum(one, two));

    assertThat(classes).isEqualTo(10);
    int bit = 0;
    for (Schema.Field field : TokenUsage.getClassSchema().getFields()) {
      if (field.schema().getType() == Schema.Type.LONG) {
        assertThat(sum.get(field.pos())).as(field.name()).isEqualTo(1_000_000L + (1L << bit++));
      }
    }
    assertThat(sum.getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(sum.getRaw()).isEqualTo("{}");
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
