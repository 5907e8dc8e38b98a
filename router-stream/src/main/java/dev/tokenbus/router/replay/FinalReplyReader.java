package dev.tokenbus.router.replay;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.FinalReplyFold;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyOffsets;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the final replies of requests from topic {@code replies}. One pass over a partition, from
 * the acceptance of the oldest request to the end, serves all requests that wait for it; only their
 * own records are decoded.
 *
 * <p>One thread owns the consumer, which it creates for each round; {@link #find} may be called
 * from any thread.
 */
public final class FinalReplyReader implements FinalReplySource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FinalReplyReader.class);
  private static final Duration POLL = Duration.ofMillis(100);

  /**
   * Collects the requests that end at the same time, and lets their final replies reach the log.
   */
  private static final Duration GATHER = Duration.ofMillis(50);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final KafkaSettings kafka;
  private final Deserializer<Reply> replies;
  private final Map<RequestId, Consumer<FinalReply>> wanted = new ConcurrentHashMap<>();
  private final Semaphore asked = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  private FinalReplyReader(KafkaSettings kafka, TopicSchemas schemas) {
    this.kafka = kafka;
    replies = schemas.deserializer(Reply.class);
    thread = Thread.ofPlatform().name("router-last-words").daemon().unstarted(this::run);
  }

  public static FinalReplyReader start(KafkaSettings kafka, TopicSchemas schemas) {
    FinalReplyReader log = new FinalReplyReader(kafka, schemas);
    log.thread.start();
    return log;
  }

  @Override
  public void find(RequestId request, Consumer<FinalReply> found) {
    wanted.put(request, found);
    asked.release();
  }

  private void run() {
    while (!closed) {
      try {
        asked.acquire();
        asked.drainPermits();
        Thread.sleep(GATHER);
        Map<RequestId, Consumer<FinalReply>> round = Map.copyOf(wanted);
        Map<RequestId, FinalReplyFold> folds = new HashMap<>();
        round.keySet().forEach(request -> folds.put(request, new FinalReplyFold()));
        serve(folds);
        round.forEach((request, asker) -> tell(request, asker, folds.get(request)));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void tell(RequestId request, Consumer<FinalReply> asker, @Nullable FinalReplyFold fold) {
    FinalReply word = fold == null ? null : fold.word();
    if (word == null) {
      wanted.remove(request, asker);
      return;
    }
    // The last caller gets the answer; it may be another task than the first.
    Consumer<FinalReply> last = wanted.remove(request);
    if (last != null) {
      last.accept(word);
    }
  }

  private void serve(Map<RequestId, FinalReplyFold> folds) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer("router-last-words"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      int partitions = consumer.partitionsFor(Topics.REPLIES.name()).size();
      Map<Integer, List<RequestId>> byPartition =
          folds.keySet().stream()
              .collect(Collectors.groupingBy(request -> request.replyPartition() % partitions));
      byPartition.forEach((partition, requests) -> scan(consumer, partition, requests, folds));
    } catch (KafkaException e) {
      LOG.atWarn().addKeyValue("requests", folds.size()).setCause(e).log("replies cannot be read");
    }
  }

  private void scan(
      KafkaConsumer<String, byte[]> consumer,
      int number,
      List<RequestId> requests,
      Map<RequestId, FinalReplyFold> folds) {
    TopicPartition partition = new TopicPartition(Topics.REPLIES.name(), number);
    consumer.assign(List.of(partition));
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    Instant oldest =
        requests.stream().map(RequestId::acceptedAt).min(Comparator.naturalOrder()).orElseThrow();
    consumer.seek(partition, ReplyOffsets.offset(consumer, partition, oldest, end, LIMIT));
    Map<String, FinalReplyFold> byKey = new HashMap<>();
    for (RequestId request : requests) {
      byKey.put(request.toString(), Objects.requireNonNull(folds.get(request)));
    }
    while (!closed && consumer.position(partition) < end) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        FinalReplyFold fold = byKey.get(record.key());
        if (fold != null) {
          take(fold, record);
        }
      }
    }
  }

  private void take(FinalReplyFold fold, ConsumerRecord<String, byte[]> record) {
    try {
      Reply reply = replies.deserialize(record.topic(), record.value());
      if (reply != null) {
        fold.accept(reply);
      }
    } catch (SerializationException e) {
      LOG.atError()
          .addKeyValue("request_id", record.key())
          .setCause(e)
          .log("reply cannot be decoded and is skipped");
    }
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
