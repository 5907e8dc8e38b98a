package dev.tokenbus.runtime.kafka.scan;

import dev.tokenbus.runtime.kafka.TopicRecord;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * How far a scan has come. What it has taken it is not handed again, so it can be taken up anew
 * after a failure. Of one scanner thread at a time.
 */
final class Scan<T> {
  private final ScanSpec<T> spec;
  private final CompletableFuture<ScanRange> result = new CompletableFuture<>();
  private final long deadline;
  private long from;
  private long next = -1;
  private long end;
  private @Nullable Throwable lastFailure;

  Scan(ScanSpec<T> spec) {
    this.spec = spec;
    deadline = System.nanoTime() + spec.limit().toNanos();
  }

  ScanSpec<T> spec() {
    return spec;
  }

  CompletableFuture<ScanRange> result() {
    return result;
  }

  boolean open() {
    return !result.isDone();
  }

  boolean placed() {
    return next >= 0;
  }

  /** Says in numbers where the scan begins and ends. */
  void place(long begin, long to) {
    from = begin;
    next = begin;
    end = to;
    advance(begin);
  }

  /** The offset of the next record it may want. */
  long next() {
    return next;
  }

  /**
   * Offers a record, which is decoded only if it is wanted.
   *
   * @throws dev.tokenbus.schemas.serde.SchemaRegistryException if the registry is away; the scan
   *     still wants the record
   */
  void offer(ConsumerRecord<String, byte[]> record) {
    if (!open() || record.offset() < next || record.offset() >= end || !spec.wants(record.key())) {
      return;
    }
    TopicRecord<T> decoded = TopicRecord.of(record, spec.decoder());
    next = record.offset() + 1;
    try {
      if (!spec.visitor().take(decoded)) {
        result.complete(new ScanRange(from, next));
      }
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  /** The partition has been read up to this offset. */
  void advance(long position) {
    next = Math.max(next, Math.min(position, end));
    if (next >= end) {
      result.complete(new ScanRange(from, next));
    }
  }

  void failed(Throwable cause) {
    lastFailure = cause;
    expire();
  }

  /** Ends the scan if its time is over. */
  void expire() {
    if (open() && System.nanoTime() - deadline > 0) {
      TimeoutException timeout =
          new TimeoutException(
              "Partition " + spec.partition() + " could not be read in " + spec.limit());
      if (lastFailure != null) {
        timeout.initCause(lastFailure);
      }
      result.completeExceptionally(timeout);
    }
  }
}
