package dev.tokenbus.runtime.kafka.scan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the scans of a queue, a partition at a time. One thread that owns one consumer, made when
 * there is work and closed when there has been none for a while.
 */
final class ScanThread {
  private static final Logger LOG = LoggerFactory.getLogger(ScanThread.class);
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofMillis(200);

  private final ScanQueue queue;
  private final Duration gather;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Thread thread;
  private @Nullable Consumer<String, byte[]> consumer;

  ScanThread(
      String name, ScanQueue queue, Duration gather, Supplier<Consumer<String, byte[]>> consumers) {
    this.queue = queue;
    this.gather = gather;
    this.consumers = consumers;
    thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  private void run() {
    try {
      while (!queue.isClosed()) {
        try {
          next();
        } catch (RuntimeException | Error e) {
          LOG.atError().setCause(e).log("scanner failed and goes on");
          queue.pause(RETRY);
        }
      }
    } catch (InterruptedException e) {
      LOG.atDebug().log("scanner was interrupted");
    } finally {
      closeConsumer();
    }
  }

  private void next() throws InterruptedException {
    if (queue.await(IDLE)) {
      queue.pause(gather);
      serve(new ArrayList<>(queue.take()));
    } else {
      closeConsumer();
    }
  }

  private void serve(List<Scan<?>> waiting) throws InterruptedException {
    if (waiting.isEmpty()) {
      return;
    }
    List<Scan<?>> served = List.of();
    try {
      if (consumer == null) {
        consumer = consumers.get();
      }
      ScanPass pass = ScanPass.of(consumer, waiting);
      served = pass.scans();
      giveBack(waiting);
      waiting = List.of();
      pass.run(queue::isClosed);
      if (queue.isClosed()) {
        served.forEach(PartitionScanner::refuse);
      }
    } catch (RuntimeException | Error e) {
      // The broker or the registry is away, or worse: what has been taken is not read again.
      LOG.atWarn().setCause(e).log("partition could not be read and is retried");
      if (e instanceof KafkaException || e instanceof Error) {
        closeConsumer();
      }
      List<Scan<?>> again = new ArrayList<>(waiting);
      again.addAll(served);
      again.forEach(scan -> scan.failed(e));
      queue.pause(RETRY);
      giveBack(again);
    }
  }

  private void giveBack(List<Scan<?>> scans) {
    List<Scan<?>> open = scans.stream().filter(Scan::open).toList();
    if (!queue.add(open)) {
      open.forEach(PartitionScanner::refuse);
    }
  }

  private void closeConsumer() {
    Consumer<String, byte[]> open = consumer;
    consumer = null;
    if (open != null) {
      try {
        open.close();
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).log("scanner's consumer did not close");
      }
    }
  }

  /** Whether the thread serves its queue. */
  boolean isAlive() {
    return thread.isAlive();
  }

  /** Waits for the thread, whose queue has been closed. */
  void join() throws InterruptedException {
    thread.join();
  }
}
