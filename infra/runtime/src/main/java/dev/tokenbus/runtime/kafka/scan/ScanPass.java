package dev.tokenbus.runtime.kafka.scan;

import dev.tokenbus.runtime.kafka.StartAt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** One pass over a partition that serves several scans. Of the scanner thread. */
final class ScanPass {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** A scan that begins farther behind the first waits for a pass of its own. */
  private static final long COMPANY_OFFSETS = 500_000;

  private final Consumer<String, byte[]> consumer;
  private final TopicPartition partition;
  private final List<Scan<?>> scans;
  private final Map<String, List<Scan<?>>> byKey = new HashMap<>();
  private final List<Scan<?>> ofAllKeys = new ArrayList<>();

  private ScanPass(
      Consumer<String, byte[]> consumer, TopicPartition partition, List<Scan<?>> scans) {
    this.consumer = consumer;
    this.partition = partition;
    this.scans = scans;
    for (Scan<?> scan : scans) {
      if (scan.spec().keys().isEmpty()) {
        ofAllKeys.add(scan);
      }
      for (String key : scan.spec().keys()) {
        byKey.computeIfAbsent(key, unseen -> new ArrayList<>(1)).add(scan);
      }
    }
  }

  /**
   * Finds out where the scans begin and end.
   *
   * @param scans at least one, all of one partition
   * @return a pass of those that begin near the first; it takes them out of the list
   */
  static ScanPass of(Consumer<String, byte[]> consumer, List<Scan<?>> scans) {
    TopicPartition partition = scans.getFirst().spec().partition();
    consumer.assign(List.of(partition));
    Map<StartAt, Long> starts = new HashMap<>();
    long end = -1;
    for (Scan<?> scan : scans) {
      if (!scan.placed()) {
        if (end < 0 && scan.spec().end().isEmpty()) {
          end = offset(new StartAt.End(), consumer, partition);
        }
        scan.place(
            starts.computeIfAbsent(
                scan.spec().start(), start -> offset(start, consumer, partition)),
            scan.spec().end().orElse(end));
      }
    }
    scans.sort(Comparator.comparingLong(Scan::next));
    long first = scans.getFirst().next();
    List<Scan<?>> company =
        scans.stream().filter(scan -> scan.next() - first <= COMPANY_OFFSETS).toList();
    scans.removeAll(company);
    return new ScanPass(consumer, partition, company);
  }

  private static long offset(StartAt start, Consumer<?, ?> consumer, TopicPartition partition) {
    Long offset = start.offsets(consumer, List.of(partition), LIMIT).get(partition);
    if (offset == null) {
      throw new IllegalStateException("The broker does not know " + partition);
    }
    return offset;
  }

  List<Scan<?>> scans() {
    return scans;
  }

  /** Reads until every scan is complete or out of time, or the scanner closes. */
  void run(BooleanSupplier closed) {
    long position = -1;
    while (!closed.getAsBoolean()) {
      scans.forEach(Scan::expire);
      long next = next();
      if (next < 0) {
        return;
      }
      if (next != position) {
        consumer.seek(partition, next);
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        ofAllKeys.forEach(scan -> scan.offer(record));
        byKey.getOrDefault(record.key(), List.of()).forEach(scan -> scan.offer(record));
      }
      position = consumer.position(partition, LIMIT);
      for (Scan<?> scan : scans) {
        if (scan.next() <= position) {
          scan.advance(position);
        }
      }
    }
  }

  /** Where the nearest open scan goes on; negative if none is open. */
  private long next() {
    long next = -1;
    for (Scan<?> scan : scans) {
      if (scan.open() && (next < 0 || scan.next() < next)) {
        next = scan.next();
      }
    }
    return next;
  }
}
