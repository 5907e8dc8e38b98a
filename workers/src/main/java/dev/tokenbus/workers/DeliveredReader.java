package dev.tokenbus.workers;

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
 * Reads back what requests have been given so far. When a worker dies, its hundred streams come to
 * others at once, most of them in the same few partitions: requests that wait for one partition are
 * served by one pass over it.
 *
 * <p>One thread with a consumer of its own, made for each round of work; {@link #read} may be
 * called from any thread.
 */
final class DeliveredReader implements ReplyHistory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveredReader.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Gathers the requests of a worker that died just now. */
  private static final Duration GATHER = Duration.ofMillis(5);

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  private static final class Order {
    private final RequestId request;
    private final @Nullable Long from;
    private final long fence;
    private final Delivered.Collector collector = new Delivered.Collector();
    private final CompletableFuture<Delivered> result = new CompletableFuture<>();

    private Order(RequestId request, @Nullable Long from, long fence) {
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

  static DeliveredReader start(KafkaSettings kafka, TopicSchemas schemas) {
    DeliveredReader reader = new DeliveredReader(kafka, schemas);
    reader.thread.start();
    return reader;
  }

  @Override
  public CompletableFuture<Delivered> read(RequestId request, @Nullable Long from, long fence) {
    Order order = new Order(request, from, fence);
    orders.add(order);
    return order.result.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run() {
    List<Order> round = new ArrayList<>();
    while (!closed) {
      try {
        Order first = orders.poll(1, TimeUnit.SECONDS);
        if (first == null) {
          continue;
        }
        Thread.sleep(GATHER);
        round.add(first);
        orders.drainTo(round);
        serve(round);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("delivered output could not be read");
        round.forEach(order -> order.result.completeExceptionally(e));
      } finally {
        round.clear();
      }
    }
  }

  private void serve(List<Order> round) {
    Map<Integer, List<Order>> byPartition = new HashMap<>();
    for (Order order : round) {
      byPartition
          .computeIfAbsent(order.request.replyPartition(), partition -> new ArrayList<>())
          .add(order);
    }
    try (Consumer<String, Reply> consumer =
        new KafkaConsumer<>(
            kafka.consumer("worker-take-over"),
            new StringDeserializer(),
            schemas.deserializer(Reply.class))) {
      byPartition.forEach((partition, orders) -> scan(consumer, partition, orders));
    }
  }

  private void scan(Consumer<String, Reply> consumer, int number, List<Order> wanted) {
    TopicPartition partition = new TopicPartition(Topics.REPLIES.name(), number);
    consumer.assign(List.of(partition));
    long fence = wanted.stream().mapToLong(order -> order.fence).max().orElse(0);
    consumer.seek(partition, begin(consumer, partition, wanted, fence));
    Map<String, List<Order>> byRequest = new HashMap<>();
    for (Order order : wanted) {
      byRequest.computeIfAbsent(order.request.toString(), request -> new ArrayList<>(1)).add(order);
    }
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (consumer.position(partition) < fence && !closed) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "Partition " + partition + " could not be read in " + LIMIT);
      }
      for (ConsumerRecord<String, Reply> record : poll(consumer)) {
        for (Order order : byRequest.getOrDefault(record.key(), List.of())) {
          if (record.offset() < order.fence && record.value() != null) {
            order.collector.add(record.value());
          }
        }
      }
    }
    wanted.forEach(order -> order.result.complete(order.collector.delivered()));
  }

  private static Iterable<ConsumerRecord<String, Reply>> poll(Consumer<String, Reply> consumer) {
    try {
      return consumer.poll(POLL);
    } catch (RecordDeserializationException e) {
      LOG.atError().setCause(e).log("a reply cannot be understood and is passed over");
      consumer.seek(e.topicPartition(), e.offset() + 1);
      return List.of();
    }
  }

  private static long begin(
      Consumer<String, Reply> consumer, TopicPartition partition, List<Order> wanted, long fence) {
    long begin = fence;
    Instant accepted = Instant.MAX;
    for (Order order : wanted) {
      if (order.from != null) {
        begin = Math.min(begin, order.from);
      } else if (order.request.acceptedAt().isBefore(accepted)) {
        accepted = order.request.acceptedAt();
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
