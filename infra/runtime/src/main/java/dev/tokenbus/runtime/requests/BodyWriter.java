package dev.tokenbus.runtime.requests;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes large bodies to {@code bodies} before their requests. It has a producer of its own, so
 * that large bodies never fill the one of the requests, and bounds the bytes in flight: a body
 * waits for those before it.
 *
 * <p>Thread-safe.
 */
public final class BodyWriter implements AutoCloseable {
  private static final Duration DELIVERY = Duration.ofSeconds(30);

  /**
   * Two of the largest records are in flight at a time; the buffer has room for both as batches.
   */
  private static final int IN_FLIGHT_BYTES = 2 * Topics.LARGE_RECORD_BYTES;

  private static final long BUFFER_BYTES = 4L * Topics.LARGE_RECORD_BYTES;

  private final Producer<String, byte[]> producer;
  private final BytesInFlight room = new BytesInFlight(IN_FLIGHT_BYTES);

  /** Connects and fetches the metadata of the topic, so that the first body need not wait. */
  public BodyWriter(KafkaSettings kafka, String clientId) {
    Map<String, Object> settings = kafka.producer(clientId, Duration.ZERO, DELIVERY);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    producer.partitionsFor(Topics.BODIES.name());
  }

  /**
   * Sends a body; blocks while those before it take all the room.
   *
   * @param body in the wire format of {@code bodies}
   * @param patience how long the body may wait for those before it
   * @return where the body stands, once the broker has acknowledged it; completes exceptionally
   *     with what the producer says
   * @throws TimeoutException if those before it took too long; then nothing was sent
   */
  public CompletableFuture<BodyReference> write(RequestId id, byte[] body, Duration patience)
      throws InterruptedException, TimeoutException {
    Runnable release = room.take(body.length, patience);
    // The buffer holds the body until then, whether its request waits or not.
    return send(id, body)
        .whenComplete((_, _) -> release.run())
        .thenApply(metadata ->
            new BodyReference(
                new LogReference(metadata.topic(), metadata.partition(), metadata.offset()),
                (long) body.length));
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

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
