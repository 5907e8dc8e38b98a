package dev.tokenbus.workers.pool;

import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.workers.reply.RecordProducer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Keeps records of the work topics that could not be decoded: the bytes unchanged, the reason in
 * headers.
 *
 * <p>Thread-safe.
 */
public final class DeadLetters {
  public static final String APP = "workers";

  private final RecordProducer producer;

  DeadLetters(RecordProducer producer) {
    this.producer = producer;
  }

  /**
   * Keeps a record.
   *
   * @return completes when the broker has acknowledged it
   */
  CompletableFuture<Void> put(ConsumerRecord<String, byte[]> record, String reason) {
    ProducerRecord<String, byte[]> letter =
        new ProducerRecord<>(Topics.deadLetters(APP), record.key(), record.value());
    record.headers().forEach(letter.headers()::add);
    header(letter, "tokenbus.reason", reason);
    header(letter, "tokenbus.topic", record.topic());
    header(letter, "tokenbus.partition", Integer.toString(record.partition()));
    header(letter, "tokenbus.offset", Long.toString(record.offset()));
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    producer.send(
        letter,
        (metadata, problem) -> {
          if (problem == null) {
            acknowledged.complete(null);
          } else {
            acknowledged.completeExceptionally(problem);
          }
        });
    return acknowledged;
  }

  private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
