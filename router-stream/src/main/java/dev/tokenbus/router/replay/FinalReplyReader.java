package dev.tokenbus.router.replay;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.replies.ReplyOffsets;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
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
 * the first record of the oldest request to the end, serves all requests that wait for it; only
 * their own records are decoded.
 *
 * <p>One thread owns the consumer, which it creates for each round; {@link #find} may be called
 * from any thread. A round that fails, because broker or registry are away, is repeated.
 */
public final class FinalReplyReader implements FinalReplySource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FinalReplyReader.class);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Collects the requests that end at the same time, and lets their replies reach the log. */
  private static final Duration GATHER = Duration.ofMillis(50);

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final KafkaSettings kafka;
  private final Deserializer<Reply> replies;
  private final Deserializer<ReplyHeader> headers;
  private final Map<RequestId, FinalReplySearch> wanted = new ConcurrentHashMap<>();
  private final Semaphore asked = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  private FinalReplyReader(KafkaSettings kafka, TopicSchemas schemas) {
    this.kafka = kafka;
    replies = schemas.deserializer(Reply.class);
    headers = schemas.deserializer(ReplyHeader.class);
    thread = Thread.ofPlatform().name("router-final-replies").daemon().unstarted(this::run);
  }

  public static FinalReplyReader start(KafkaSettings kafka, TopicSchemas schemas) {
    FinalReplyReader reader = new FinalReplyReader(kafka, schemas);
    reader.thread.start();
    return reader;
  }

  @Override
  public void find(RequestId request, @Nullable Long from, Consumer<FinalReply> found) {
    wanted.put(request, new FinalReplySearch(request, from, found));
    asked.release();
  }

  private void run() {
    while (!closed) {
      try {
        asked.acquire();
        asked.drainPermits();
        Thread.sleep(GATHER);
        round();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void round() throws InterruptedException {
    List<FinalReplySearch> searches =
        wanted.values().stream().map(FinalReplySearch::again).toList();
    try {
      serve(searches);
    } catch (RuntimeException e) {
      if (!closed) {
        LOG.atWarn()
            .addKeyValue("requests", searches.size())
            .setCause(e)
            .log("replies cannot be read; the search is repeated");
        asked.release();
        Thread.sleep(PAUSE);
      }
      return;
    }
    searches.forEach(this::tell);
  }

  private void tell(FinalReplySearch search) {
    FinalReply reply = search.fold().reply();
    // The last caller gets the answer; it may be another task than the first.
    FinalReplySearch last = wanted.remove(search.request());
    if (last != null && reply != null) {
      last.found().accept(reply);
    }
  }

  private void serve(List<FinalReplySearch> searches) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer("router-final-replies"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      int partitions = consumer.partitionsFor(Topics.REPLIES.name()).size();
      searches.stream()
          .collect(Collectors.groupingBy(search -> search.request().replyPartition() % partitions))
          .forEach((partition, group) -> scan(consumer, partition, group));
    }
  }

  private void scan(
      KafkaConsumer<String, byte[]> consumer, int number, List<FinalReplySearch> searches) {
    TopicPartition partition = new TopicPartition(Topics.REPLIES.name(), number);
    consumer.assign(List.of(partition));
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
    consumer.seek(partition, Math.max(begin, first(consumer, partition, searches, end)));
    Map<String, FinalReplySearch> byKey = new HashMap<>();
    searches.forEach(search -> byKey.put(search.request().toString(), search));
    while (!closed && consumer.position(partition) < end) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        FinalReplySearch search = byKey.get(record.key());
        if (search != null) {
          take(search, record);
        }
      }
    }
  }

  /** An offset that is not behind the first record of any of the requests. */
  private static long first(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      List<FinalReplySearch> searches,
      long end) {
    long first = end;
    Instant oldest = null;
    for (FinalReplySearch search : searches) {
      Instant acceptedAt = search.request().acceptedAt();
      if (search.from() != null) {
        first = Math.min(first, search.from());
      } else if (oldest == null || acceptedAt.isBefore(oldest)) {
        oldest = acceptedAt;
      }
    }
    return oldest == null
        ? first
        : Math.min(first, ReplyOffsets.offset(consumer, partition, oldest, end, LIMIT));
  }

  private void take(FinalReplySearch search, ConsumerRecord<String, byte[]> record) {
    Reply reply;
    try {
      reply = replies.deserialize(record.topic(), record.value());
    } catch (SerializationException e) {
      unreadable(search, record, e);
      return;
    }
    if (reply != null) {
      search.fold().accept(reply);
    }
  }

  /** A newer writer's reply: this version must not conclude from what stands around it. */
  private void unreadable(
      FinalReplySearch search, ConsumerRecord<String, byte[]> record, SerializationException e) {
    LOG.atWarn()
        .addKeyValue("request_id", record.key())
        .setCause(e)
        .log("reply was written by a newer version and cannot be read");
    try {
      search.fold().accept(headers.deserialize(record.topic(), record.value()));
    } catch (SerializationException nothing) {
      LOG.atError()
          .addKeyValue("request_id", record.key())
          .setCause(nothing)
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
