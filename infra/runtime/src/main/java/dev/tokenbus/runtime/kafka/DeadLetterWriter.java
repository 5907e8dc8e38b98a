package dev.tokenbus.runtime.kafka;

import dev.tokenbus.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Keeps records that an app cannot process on its dead letter topic: key, value and headers as they
 * were, with the reason and the record's place in headers {@code tokenbus.reason}, {@code .topic},
 * {@code .partition} and {@code .offset}.
 *
 * <p>Thread-safe. The topic must exist; the producer is the caller's to close.
 */
public final class DeadLetterWriter {
  private final String topic;
  private final Producer<String, byte[]> producer;

  /**
   * @param app whose topic it is, see {@link Topics#deadLetters}
   * @param producer acknowledged by all replicas
   */
  public DeadLetterWriter(String app, Producer<String, byte[]> producer) {
    this.topic = Topics.deadLetters(app);
    this.producer = producer;
  }

  /**
   * Keeps a record.
   *
   * @return completes when the broker has acknowledged it, exceptionally if it does not; the record
   *     must not be taken as dealt with before
   */
  public CompletableFuture<Void> write(ConsumerRecord<String, byte[]> record, String reason) {
    ProducerRecord<String, byte[]> letter =
        new ProducerRecord<>(topic, record.key(), record.value());
    record.headers().forEach(letter.headers()::add);
    header(letter, "tokenbus.reason", reason);
    header(letter, "tokenbus.topic", record.topic());
    header(letter, "tokenbus.partition", Integer.toString(record.partition()));
    header(letter, "tokenbus.offset", Long.toString(record.offset()));
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    try {
      Future<RecordMetadata> _ =
          producer.send(letter, (metadata, problem) -> settle(acknowledged, problem));
    } catch (RuntimeException e) {
      acknowledged.completeExceptionally(e);
    }
    return acknowledged;
  }

  private static void settle(CompletableFuture<Void> acknowledged, @Nullable Exception problem) {
    if (problem == null) {
      acknowledged.complete(null);
    } else {
      acknowledged.completeExceptionally(problem);
    }
  }

  private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
