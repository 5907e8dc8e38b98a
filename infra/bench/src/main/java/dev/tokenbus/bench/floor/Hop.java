package dev.tokenbus.bench.floor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.WakeupException;

/** A thread that reads a source and hands every record on; its clients live and die on it. */
final class Hop implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final CompletableFuture<Source> opened = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();

  private final Consumer<RuntimeException> failed;

  private Hop(Consumer<RuntimeException> failed) {
    this.failed = failed;
  }

  /** Starts the thread; source and step are made, used and closed there. */
  static Hop start(
      String name,
      Supplier<Source> sources,
      Supplier<Step> steps,
      Consumer<RuntimeException> failed) {
    Hop hop = new Hop(failed);
    Thread.ofPlatform().name(name).daemon(true).start(() -> hop.run(sources, steps));
    return hop;
  }

  private void run(Supplier<Source> sources, Supplier<Step> steps) {
    try (Source source = sources.get();
        Step step = steps.get()) {
      opened.complete(source);
      while (!closing.get()) {
        for (ConsumerRecord<byte[], byte[]> next : source.poll(POLL)) {
          step.take(next.value());
        }
      }
      ended.complete(null);
    } catch (WakeupException e) {
      ended.complete(null);
    } catch (RuntimeException e) {
      opened.completeExceptionally(e);
      ended.complete(null);
      failed.accept(e);
    }
  }

  /** Waits until the hop reads. */
  void awaitOpen() {
    opened.join();
  }

  @Override
  public void close() {
    closing.set(true);
    if (!opened.isCompletedExceptionally()) {
      opened.join().wakeup();
      ended.join();
    }
  }

  /** What is done with a record. */
  @FunctionalInterface
  interface Step extends AutoCloseable {
    void take(byte[] value);

    @Override
    default void close() {}
  }
}
