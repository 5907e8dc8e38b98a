package dev.tokenbus.runtime.kafka.scan;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * Reads parts of partitions for any number of askers. Those who wait for one partition are served
 * by one pass over it, however many keys they want; different partitions are read in parallel, by
 * as many threads as there are.
 *
 * <p>While the broker or the schema registry is away, a scan is retried within its limit, from the
 * record it had come to. A scan that fails may be asked for again.
 *
 * <p>Thread-safe. Threads hold a consumer only while there is work.
 */
public final class PartitionScanner implements AutoCloseable {
  private static final int MAX_POLL_RECORDS = 4_000;

  /** At the end of the log, where nothing comes, a pass would wait for this long. */
  private static final int FETCH_WAIT_MS = 5;

  private final ScanQueue queue = new ScanQueue();
  private final List<ScanThread> threads;

  PartitionScanner(
      String name, int threads, Duration gather, Supplier<Consumer<String, byte[]>> consumers) {
    if (threads < 1) {
      throw new IllegalArgumentException("A scanner needs at least one thread: " + threads);
    }
    this.threads =
        IntStream.range(0, threads)
            .mapToObj(i -> new ScanThread(name + "-" + i, queue, gather, consumers))
            .toList();
  }

  /**
   * Starts a scanner that has no connection yet.
   *
   * @param name of its threads and consumers
   * @param threads partitions that are read at once
   * @param gather how long the first asker waits for others, so that one pass serves them; zero not
   *     to wait
   */
  public static PartitionScanner start(
      KafkaSettings kafka, String name, int threads, Duration gather) {
    return start(kafka, name, threads, gather, Map.of());
  }

  /**
   * As {@link #start(KafkaSettings, String, int, Duration)}.
   *
   * @param settings of its consumers, beside those every consumer has
   */
  public static PartitionScanner start(
      KafkaSettings kafka,
      String name,
      int threads,
      Duration gather,
      Map<String, Object> settings) {
    Map<String, Object> all = kafka.consumer(name);
    all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    all.putAll(settings);
    return new PartitionScanner(name, threads, gather, () -> KafkaSettings.open(all));
  }

  /**
   * Starts a scanner for single records by {@link ScanSpec#at}: it fetches no more than the one
   * batch that holds the record.
   */
  public static PartitionScanner ofSingleRecords(KafkaSettings kafka, String name, int threads) {
    // The broker sends at least one whole batch, however large.
    return start(
        kafka,
        name,
        threads,
        Duration.ZERO,
        Map.of(
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 1,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1));
  }

  /**
   * Reads a part of a partition.
   *
   * @return completes with what was read, when the visitor wants no more or the end is reached;
   *     exceptionally with what the visitor threw, with a {@link
   *     java.util.concurrent.TimeoutException} when the limit is over, or when the scanner closes
   */
  public CompletableFuture<ScanRange> scan(ScanSpec<?> spec) {
    Scan<?> scan = new Scan<>(spec);
    if (!queue.add(List.of(scan))) {
      refuse(scan);
    }
    return scan.result();
  }

  /** Whether scans are served; their threads end only when the scanner closes. */
  public boolean ready() {
    return threads.stream().allMatch(ScanThread::isAlive);
  }

  static void refuse(Scan<?> scan) {
    scan.result().completeExceptionally(new IllegalStateException("The scanner is closed"));
  }

  @Override
  public void close() {
    queue.close().forEach(PartitionScanner::refuse);
    try {
      for (ScanThread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
