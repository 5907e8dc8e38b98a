package dev.tokenbus.workers.recovery;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyOffsets;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads back what clients have been given so far. When a worker dies, its hundred streams are
 * dispatched at once, most of them in the same few partitions, so one scan of a partition serves
 * all requests that wait for it.
 *
 * <p>One thread with a consumer of its own, made for each round of work; {@link #read} may be
 * called from any thread.
 */
public final class DeliveredReader implements ReplyHistory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveredReader.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Gathers the requests of a worker that has just died. */
  private static final Duration GATHER = Duration.ofMillis(5);

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private final BlockingQueue<PendingRead> reads = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  private static final class PendingRead {
    private final RequestId request;
    private final @Nullable Long from;
    private final long fence;
    private final Delivered.Collector collector = new Delivered.Collector();
    private final CompletableFuture<Delivered> result = new CompletableFuture<>();

    private PendingRead(RequestId request, @Nullable Long from, long fence) {
      this.request = request;
      this.from = from;
      this.fence = fence;
    }
  }

  private DeliveredReader(KafkaSettings kafka, TopicSchemas schemas) {
    this.kafka = kafka;
    this.schemas = schemas;
    thread = Thread.ofPlatform().name("take-over").daemon().unstarted(this::run);
  }

  public static DeliveredReader start(KafkaSettings kafka, TopicSchemas schemas) {
    DeliveredReader reader = new DeliveredReader(kafka, schemas);
    reader.thread.start();
    return reader;
  }

  @Override
  public CompletableFuture<Delivered> read(RequestId request, @Nullable Long from, long fence) {
    PendingRead read = new PendingRead(request, from, fence);
    reads.add(read);
    return read.result.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run() {
    List<PendingRead> round = new ArrayList<>();
    while (!closed) {
      try {
        PendingRead first = reads.poll(1, TimeUnit.SECONDS);
        if (first == null) {
          continue;
        }
        Thread.sleep(GATHER);
        round.add(first);
        reads.drainTo(round);
        serve(round);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("delivered output could not be read");
        round.forEach(read -> read.result.completeExceptionally(e));
      } finally {
        round.clear();
      }
    }
  }

  private void serve(List<PendingRead> round) {
    Map<Integer, List<PendingRead>> byPartition = new HashMap<>();
    for (PendingRead read : round) {
      byPartition
          .computeIfAbsent(read.request.replyPartition(), partition -> new ArrayList<>())
          .add(read);
    }
    try (Consumer<String, Reply> consumer =
        new KafkaConsumer<>(
            kafka.consumer("worker-take-over"),
            new StringDeserializer(),
            schemas.deserializer(Reply.class))) {
      byPartition.forEach((partition, reads) -> scan(consumer, partition, reads));
    }
  }

  private void scan(Consumer<String, Reply> consumer, int number, List<PendingRead> wanted) {
    TopicPartition partition = new TopicPartition(Topics.REPLIES.name(), number);
    consumer.assign(List.of(partition));
    long fence = wanted.stream().mapToLong(read -> read.fence).max().orElse(0);
    consumer.seek(partition, begin(consumer, partition, wanted, fence));
    Map<String, List<PendingRead>> byRequest = new HashMap<>();
    for (PendingRead read : wanted) {
      byRequest.computeIfAbsent(read.request.toString(), request -> new ArrayList<>(1)).add(read);
    }
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (consumer.position(partition) < fence && !closed) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "Partition " + partition + " could not be read in " + LIMIT);
      }
      for (ConsumerRecord<String, Reply> record : poll(consumer)) {
        for (PendingRead read : byRequest.getOrDefault(record.key(), List.of())) {
          if (record.offset() < read.fence && record.value() != null) {
            read.collector.add(record.value());
          }
        }
      }
    }
    wanted.forEach(read -> read.result.complete(read.collector.delivered()));
  }

  private static Iterable<ConsumerRecord<String, Reply>> poll(Consumer<String, Reply> consumer) {
    try {
      return consumer.poll(POLL);
    } catch (RecordDeserializationException e) {
      LOG.atError().setCause(e).log("a reply could not be decoded and was skipped");
      consumer.seek(e.topicPartition(), e.offset() + 1);
      return List.of();
    }
  }

  private static long begin(
      Consumer<String, Reply> consumer,
      TopicPartition partition,
      List<PendingRead> wanted,
      long fence) {
    long begin = fence;
    Instant accepted = Instant.MAX;
    for (PendingRead read : wanted) {
      if (read.from != null) {
        begin = Math.min(begin, read.from);
      } else if (read.request.acceptedAt().isBefore(accepted)) {
        accepted = read.request.acceptedAt();
      }
    }
    return accepted.equals(Instant.MAX)
        ? begin
        : Math.min(begin, ReplyOffsets.offset(consumer, partition, accepted, fence, LIMIT));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
