package dev.tokenbus.projections.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** In which order the records of a batch are written, and which of them at once. */
sealed interface WriteOrder<K> {
  /**
   * The records in rounds. What is in one round may be written table by table, in few round trips;
   * each round is written to all tables before the next is written to any.
   *
   * @param records in log order
   * @param tables how many there are
   */
  <T> List<List<Sourced<K, T>>> rounds(List<Sourced<K, T>> records, int tables);

  /**
   * By key, in log order where keys are equal: a record overtakes no earlier one of its key, and
   * transactions that lock their rows in one order cannot deadlock.
   */
  record ByKey<K>(Comparator<K> order) implements WriteOrder<K> {
    @Override
    public <T> List<List<Sourced<K, T>>> rounds(List<Sourced<K, T>> records, int tables) {
      List<List<Sourced<K, T>>> rounds = new ArrayList<>();
      List<Sourced<K, T>> left =
          records.stream().sorted(Comparator.comparing(Sourced::key, order)).toList();
      while (!left.isEmpty()) {
        List<Sourced<K, T>> repeats = new ArrayList<>();
        rounds.add(firstOfEachKey(left, repeats));
        left = repeats;
      }
      return rounds;
    }

    private static <K, T> List<Sourced<K, T>> firstOfEachKey(
        List<Sourced<K, T>> records, List<Sourced<K, T>> repeats) {
      List<Sourced<K, T>> distinct = new ArrayList<>(records.size());
      for (Sourced<K, T> record : records) {
        boolean repeat = !distinct.isEmpty() && distinct.getLast().key().equals(record.key());
        (repeat ? repeats : distinct).add(record);
      }
      return distinct;
    }
  }

  /** As the log has them: a record overtakes no earlier one of its partition, whatever its key. */
  record OfTheLog<K>() implements WriteOrder<K> {
    @Override
    public <T> List<List<Sourced<K, T>>> rounds(List<Sourced<K, T>> records, int tables) {
      return tables == 1 ? List.of(records) : records.stream().map(List::of).toList();
    }
  }
}
