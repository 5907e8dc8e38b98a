package dev.tokenbus.projections.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class WriteOrderTest {
  private static final WriteOrder<String> BY_KEY =
      new WriteOrder.ByKey<String>(Comparator.naturalOrder());
  private static final WriteOrder<String> OF_THE_LOG = new WriteOrder.OfTheLog<>();

  private final List<Sourced<String, Integer>> records =
      List.of(record("b", 1), record("a", 2), record("b", 3), record("a", 4), record("a", 5));

  @Test
  void sortsByKeyAndWritesARepeatBehindTheRecordThatItRepeats() {
    assertThat(values(BY_KEY.rounds(records, 2)))
        .containsExactly(List.of(2, 1), List.of(4, 3), List.of(5));
  }

  @Test
  void writesOneRecordToAllTablesBeforeTheNextWhereTheLogsOrderCounts() {
    assertThat(values(OF_THE_LOG.rounds(records, 2)))
        .containsExactly(List.of(1), List.of(2), List.of(3), List.of(4), List.of(5));
  }

  @Test
  void writesASingleTableInTheLogsOrderAtOnce() {
    assertThat(values(OF_THE_LOG.rounds(records, 1))).containsExactly(List.of(1, 2, 3, 4, 5));
  }

  private static List<List<Integer>> values(List<List<Sourced<String, Integer>>> rounds) {
    return rounds.stream().map(round -> round.stream().map(Sourced::value).toList()).toList();
  }

  private static Sourced<String, Integer> record(String key, int offset) {
    return new Sourced<>(key, offset, new TopicPartition("t", 0), offset);
  }
}
