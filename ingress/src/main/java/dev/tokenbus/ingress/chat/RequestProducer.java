package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.requests.BytesInFlight;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Produces accepted requests and cancel commands, each acknowledged by all in-sync replicas.
 *
 * <p>Thread-safe.
 */
public final class RequestProducer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestProducer.class);

  /** A slow broker gets this long; the caller decides how long to wait for one that is away. */
  private static final Duration DELIVERY = Duration.ofSeconds(10);

  /** How long a send may wait for metadata or for room. */
  private static final Duration BLOCK = Duration.ofMillis(1_200);

  /**
   * Bodies as 0.1.0 writes them, within the requests' records: two of the largest at a time, so
   * that half of the producer's buffer stays for small requests.
   */
  private static final int LARGE_IN_FLIGHT_BYTES = 2 * Topics.LARGE_RECORD_BYTES;

  private final Producer<String, SpecificRecord> producer;
  private final BytesInFlight large = new BytesInFlight(LARGE_IN_FLIGHT_BYTES);
  private final Clock clock;

  /** Connects and fetches the metadata of the topics, so that the first request need not wait. */
  public RequestProducer(KafkaSettings kafka, TopicSchemas schemas, Clock clock) {
    this(connected(kafka, schemas), clock);
  }

  RequestProducer(Producer<String, SpecificRecord> producer, Clock clock) {
    this.producer = producer;
    this.clock = clock;
  }

  private static Producer<String, SpecificRecord> connected(
      KafkaSettings kafka, TopicSchemas schemas) {
    Map<String, Object> settings = kafka.producer("ingress", Duration.ZERO, DELIVERY);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK.toMillis());
    // Prompts are long, stay for a week, and fill a batch each.
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    Producer<String, SpecificRecord> producer =
        new KafkaProducer<>(settings, new StringSerializer(), schemas.serializer());
    producer.partitionsFor(Topics.REQUESTS.name());
    producer.partitionsFor(Topics.CONTROL.name());
    return producer;
  }

  /**
   * Appends a request to the log before anything else is done for it. Does not wait for the
   * acknowledgement, since no reply can come before it; a request whose large body is in its record
   * waits for those before it.
   *
   * @param patience how long such a request may wait
   * @param refused runs on the producer's thread if the request could not be appended
   * @throws ProblemException 503 if those before it took too long
   */
  PendingAppend append(
      RequestAccepted request, Duration patience, Consumer<ProblemException> refused)
      throws InterruptedException {
    Runnable release = room(request, patience);
    String id = request.getRequestId();
    String tenant = request.getTenant();
    String lane = request.getLane() == null ? tenant : request.getLane();
    PendingAppend append = new PendingAppend(refused, () -> cancel(id, tenant));
    send(
        new ProducerRecord<>(Topics.REQUESTS.name(), lane, request),
        id,
        failure -> {
          release.run();
          if (failure == null) {
            append.succeeded();
          } else {
            append.failed(problem(failure));
          }
        });
    return append;
  }

  private Runnable room(RequestAccepted request, Duration patience) throws InterruptedException {
    long bytes = request.getBody() == null ? 0 : request.getFeatures().getBodyBytes();
    if (bytes <= Topics.INLINE_BODY_BYTES) {
      return () -> {};
    }
    try {
      return large.take(bytes, patience);
    } catch (TimeoutException e) {
      throw new ProblemException(BodyProducer.tooMany());
    }
  }

  /** Cancels all attempts of a request because its client has gone. */
  void cancel(String requestId, String tenant) {
    Control control =
        Control.newBuilder()
            .setRequestId(requestId)
            .setTenant(tenant)
            .setAt(clock.instant())
            .setCommand(
                Cancel.newBuilder()
                    .setReason(CancelReason.CLIENT_GONE)
                    .setUpToAttempt(Integer.MAX_VALUE)
                    .build())
            .build();
    send(new ProducerRecord<>(Topics.CONTROL.name(), requestId, control), requestId, failure -> {});
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback says all that the future would
  private void send(
      ProducerRecord<String, SpecificRecord> message,
      String requestId,
      Consumer<@Nullable Exception> done) {
    try {
      producer.send(
          message,
          (metadata, failure) -> {
            if (failure != null) {
              log(message, requestId, failure);
            }
            done.accept(failure);
          });
    } catch (KafkaException | IllegalStateException e) {
      // A closed producer throws IllegalStateException.
      log(message, requestId, e);
      done.accept(e);
    }
  }

  private static void log(
      ProducerRecord<String, SpecificRecord> message, String requestId, Exception failure) {
    LOG.atWarn()
        .addKeyValue("request_id", requestId)
        .addKeyValue("topic", message.topic())
        .setCause(failure)
        .log("record could not be produced");
  }

  private static Problem problem(Exception failure) {
    return failure instanceof RecordTooLargeException
        ? Problem.of(
            ErrorCode.REQUEST_TOO_LARGE, "The request does not fit into a record of the log.")
        : BrokerWatch.unreachable();
  }

  @Override
  public void close() {
    producer.close(BLOCK);
  }
}
