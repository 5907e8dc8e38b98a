package dev.tokenbus.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);

  @Test
  void carriesTimeAndReplyPartitionThroughItsText() {
    for (int i = 0; i < 1_000; i++) {
      Instant time = Instant.ofEpochMilli(random.nextLong(1L << 47));
      int partition = random.nextInt(RequestId.MAX_REPLY_PARTITIONS);

      RequestId read = RequestId.parse(RequestId.of(time, partition, random).toString());

      assertThat(read.acceptedAt()).isEqualTo(time);
      assertThat(read.replyPartition()).isEqualTo(partition);
      assertThat(read.value().version()).isEqualTo(7);
      assertThat(read.value().variant()).isEqualTo(2);
    }
  }

  @Test
  void laterIdsSortBehindEarlierOnesAsTextToo() {
    RequestId early = RequestId.of(Instant.ofEpochMilli(1_000), 4_095, random);
    RequestId late = RequestId.of(Instant.ofEpochMilli(1_001), 0, random);

    assertThat(early).isLessThan(late);
    assertThat(early.toString()).isLessThan(late.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "0",
        "1-1-1-1-1",
        "00000000-0000-0000-0000-000000000000",
        "019AA0F1-0000-7000-8000-000000000000"
      })
  void refusesWhatIsNotACanonicalVersionSevenUuid(String text) {
    assertThatThrownBy(() -> RequestId.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesUuidsOfOtherVersionsAndPartitionsOutOfRange() {
    assertThatThrownBy(() -> new RequestId(new UUID(0x4000L, Long.MIN_VALUE)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RequestId.of(Instant.EPOCH, 4_096, random))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
