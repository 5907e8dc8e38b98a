package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes large bodies to {@code bodies} before their requests. It has a producer of its own, so
 * that large bodies never fill the one of the requests, and bounds the bytes in flight: a body
 * waits for those before it.
 *
 * <p>Thread-safe; blocks the request's own thread.
 */
public final class BodyProducer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BodyProducer.class);
  private static final Duration DELIVERY = Duration.ofSeconds(30);

  /**
   * Two of the largest records are in flight at a time; the buffer has room for both as batches.
   */
  private static final int IN_FLIGHT_KIB = 2 * Topics.LARGE_RECORD_BYTES / 1024;

  private static final long BUFFER_BYTES = 4L * Topics.LARGE_RECORD_BYTES;
  private static final long LOOK_AGAIN_MS = 100;

  private final Producer<String, byte[]> producer;
  private final BrokerWatch broker;
  private final Semaphore room = new Semaphore(IN_FLIGHT_KIB, true);

  /** Connects and fetches the metadata of the topic, so that the first body need not wait. */
  public BodyProducer(KafkaSettings kafka, BrokerWatch broker) {
    this.broker = broker;
    Map<String, Object> settings = kafka.producer("ingress-bodies", Duration.ZERO, DELIVERY);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    producer.partitionsFor(Topics.BODIES.name());
  }

  /**
   * Writes a body and waits for the acknowledgement.
   *
   * @param body the body in the wire format of {@code bodies}
   * @param patience how long the body may wait for those before it
   * @throws ProblemException 503 if the broker is away or the others took too long, 413 if the body
   *     does not fit into a record
   */
  BodyReference append(RequestId id, byte[] body, Duration patience) throws InterruptedException {
    int kib = Math.min(IN_FLIGHT_KIB, 1 + body.length / 1024);
    if (!room.tryAcquire(kib, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new ProblemException(
          Problem.of(ErrorCode.UNAVAILABLE, "Too many large requests are being written.")
              .retryAfter(Duration.ofSeconds(1)));
    }
    CompletableFuture<RecordMetadata> written = send(id, body);
    // The buffer holds the body until then, whether its request waits or not.
    CompletableFuture<RecordMetadata> released =
        written.whenComplete((metadata, failure) -> room.release(kib));
    RecordMetadata metadata = await(id, released);
    return new BodyReference(
        new LogReference(metadata.topic(), metadata.partition(), metadata.offset()),
        (long) body.length);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback says all that the future would
  private CompletableFuture<RecordMetadata> send(RequestId id, byte[] body) {
    CompletableFuture<RecordMetadata> written = new CompletableFuture<>();
    try {
      producer.send(
          new ProducerRecord<>(Topics.BODIES.name(), id.toString(), body),
          (metadata, failure) -> {
            if (failure == null) {
              written.complete(metadata);
            } else {
              written.completeExceptionally(failure);
            }
          });
    } catch (KafkaException | IllegalStateException e) {
      // A closed producer throws IllegalStateException.
      written.completeExceptionally(e);
    }
    return written;
  }

  private RecordMetadata await(RequestId id, CompletableFuture<RecordMetadata> written)
      throws InterruptedException {
    while (true) {
      try {
        return written.get(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (broker.isSilent()) {
          throw new ProblemException(BrokerWatch.unreachable());
        }
      } catch (ExecutionException e) {
        LOG.atWarn()
            .addKeyValue("request_id", id)
            .addKeyValue("topic", Topics.BODIES.name())
            .setCause(e.getCause())
            .log("record could not be produced");
        throw new ProblemException(problem(e.getCause()));
      }
    }
  }

  private static Problem problem(@Nullable Throwable failure) {
    return failure instanceof RecordTooLargeException
        ? Problem.of(
            ErrorCode.REQUEST_TOO_LARGE, "The request does not fit into a record of the log.")
        : BrokerWatch.unreachable();
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
