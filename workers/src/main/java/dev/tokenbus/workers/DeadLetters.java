package dev.tokenbus.workers;

import dev.tokenbus.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Records of the work topics that cannot be understood, as they were, with the reason in headers.
 *
 * <p>Thread-safe.
 */
final class DeadLetters {
  static final String APP = "workers";

  private final EventLog log;

  DeadLetters(EventLog log) {
    this.log = log;
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
    log.send(
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
