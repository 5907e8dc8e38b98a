package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.runtime.KafkaSettings;
import dev.tokenbus.schemas.ErrorCode;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the ingress writes: accepted requests, and orders to stop them. Each is acknowledged by all
 * in-sync replicas, or given up within {@link #PATIENCE}.
 *
 * <p>Thread-safe.
 */
final class RequestLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);

  /** Shorter than the two seconds in which a client is to be told that the broker is away. */
  static final Duration PATIENCE = Duration.ofMillis(1_500);

  private final Producer<String, SpecificRecord> producer;
  private final Clock clock;

  RequestLog(KafkaSettings kafka, TopicSchemas schemas, Clock clock) {
    this.clock = clock;
    producer =
        new KafkaProducer<>(
            kafka.producer("ingress", Duration.ZERO, PATIENCE),
            new StringSerializer(),
            schemas.serializer());
  }

  /**
   * Writes a request ahead of everything that is done for it. Does not wait for the
   * acknowledgement: no reply comes without it.
   *
   * @param refused is told, on the producer's thread, when the request could not be written
   */
  void accept(RequestAccepted request, Consumer<ProblemException> refused) {
    send(
        new ProducerRecord<>(Topics.REQUESTS.name(), request.getTenant(), request),
        request.getRequestId(),
        refused);
  }

  /** Orders that the request's attempts be stopped because its client has gone. */
  void cancel(String requestId, String tenant) {
    Control control =
        new Control(
            requestId,
            tenant,
            clock.instant(),
            new Cancel(CancelReason.CLIENT_GONE, Integer.MAX_VALUE, null));
    send(new ProducerRecord<>(Topics.CONTROL.name(), requestId, control), requestId, refused -> {});
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback says all that the future would
  private void send(
      ProducerRecord<String, SpecificRecord> message,
      String requestId,
      Consumer<ProblemException> refused) {
    try {
      producer.send(
          message,
          (metadata, failure) -> {
            if (failure != null) {
              refused.accept(refusal(message, requestId, failure));
            }
          });
    } catch (KafkaException e) {
      refused.accept(refusal(message, requestId, e));
    }
  }

  private static ProblemException refusal(
      ProducerRecord<String, SpecificRecord> message, String requestId, Exception failure) {
    LOG.atWarn()
        .addKeyValue("request_id", requestId)
        .addKeyValue("topic", message.topic())
        .setCause(failure)
        .log("record could not be written");
    return new ProblemException(
        failure instanceof RecordTooLargeException
            ? Problem.of(
                ErrorCode.REQUEST_TOO_LARGE, "The request does not fit into a record of the log.")
            : brokerAway());
  }

  static Problem brokerAway() {
    return Problem.of(
            ErrorCode.UNAVAILABLE, "The message broker cannot be reached at the moment. Try again.")
        .retryAfter(Duration.ofSeconds(2));
  }

  @Override
  public void close() {
    producer.close(PATIENCE);
  }
}
