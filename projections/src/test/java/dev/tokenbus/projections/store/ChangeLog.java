package dev.tokenbus.projections.store;

import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;

/** A log of changes in two partitions, each key in one of them, and what must come of it. */
final class ChangeLog {
  private static final int KEYS = 10;
  private static final List<TopicPartition> PARTITIONS =
      List.of(new TopicPartition("changes", 0), new TopicPartition("changes", 1));

  private final Map<TopicPartition, List<Sourced<RequestId, Change>>> records = new HashMap<>();

  private ChangeLog() {
    PARTITIONS.forEach(partition -> records.put(partition, new ArrayList<>()));
  }

  static ChangeLog random(Random random, int count) {
    List<RequestId> keys = new ArrayList<>();
    for (int key = 0; key < KEYS; key++) {
      keys.add(Samples.id(Instant.parse("2026-11-21T10:00:00Z").plusMillis(random.nextInt(5))));
    }
    ChangeLog log = new ChangeLog();
    for (int step = 0; step < count; step++) {
      int key = random.nextInt(KEYS);
      Change.Fault fault = random.nextInt(12) == 0 ? Change.Fault.any(random) : Change.Fault.NONE;
      TopicPartition partition = PARTITIONS.get(key % PARTITIONS.size());
      List<Sourced<RequestId, Change>> inPartition = log.in(partition);
      inPartition.add(
          new Sourced<>(
              keys.get(key),
              new Change(step, 1 + random.nextInt(3), fault),
              partition,
              inPartition.size()));
    }
    return log;
  }

  List<TopicPartition> partitions() {
    return PARTITIONS;
  }

  Map<TopicPartition, Long> end() {
    Map<TopicPartition, Long> end = new HashMap<>();
    records.forEach((partition, all) -> end.put(partition, (long) all.size()));
    return end;
  }

  /** Some records of some partitions, from the given offsets on. */
  Batch<RequestId, Change> batch(Map<TopicPartition, Long> from, Random random, int most) {
    List<Sourced<RequestId, Change>> rows = new ArrayList<>();
    Map<TopicPartition, Long> next = new HashMap<>();
    for (TopicPartition partition : PARTITIONS) {
      int start = from.getOrDefault(partition, 0L).intValue();
      int end = Math.min(in(partition).size(), start + random.nextInt(most));
      if (end > start) {
        rows.addAll(in(partition).subList(start, end));
        next.put(partition, (long) end);
      }
    }
    return new Batch<>(rows, List.of(), next);
  }

  Map<UUID, Integer> latest() {
    Map<UUID, Integer> latest = new HashMap<>();
    accepted().forEach(record -> latest.put(record.key().value(), record.value().step()));
    return latest;
  }

  List<String> history() {
    return accepted().stream()
        .flatMap(record -> record.value().rows().stream())
        .map(part -> part.step() + "." + part.part() + " at " + part.step())
        .toList();
  }

  Set<String> refused() {
    Set<String> places = new TreeSet<>();
    all().stream()
        .filter(record -> record.value().fault() != Change.Fault.NONE)
        .forEach(record -> places.add(record.partition() + "@" + record.offset()));
    return places;
  }

  private List<Sourced<RequestId, Change>> accepted() {
    return all().stream().filter(record -> record.value().fault() == Change.Fault.NONE).toList();
  }

  private List<Sourced<RequestId, Change>> all() {
    return PARTITIONS.stream().flatMap(partition -> in(partition).stream()).toList();
  }

  private List<Sourced<RequestId, Change>> in(TopicPartition partition) {
    return records.getOrDefault(partition, List.of());
  }
}
