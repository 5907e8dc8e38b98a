package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.requests.BodyWriter;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes large bodies before their requests, and says to clients why that failed.
 *
 * <p>Thread-safe; blocks the request's own thread.
 */
public final class BodyProducer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BodyProducer.class);
  private static final long LOOK_AGAIN_MS = 100;

  private final BodyWriter bodies;
  private final BrokerWatch broker;

  /** Connects and fetches the metadata of the topic, so that the first body need not wait. */
  public BodyProducer(KafkaSettings kafka, BrokerWatch broker) {
    this.broker = broker;
    bodies = new BodyWriter(kafka, "ingress-bodies");
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
    CompletableFuture<BodyReference> written;
    try {
      written = bodies.write(id, body, patience);
    } catch (TimeoutException e) {
      throw new ProblemException(tooMany());
    }
    while (true) {
      try {
        return written.get(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (broker.isSilent()) {
          throw new ProblemException(BrokerWatch.unreachable());
        }
      } catch (ExecutionException e) {
        throw new ProblemException(failed(id, e.getCause()));
      }
    }
  }

  static Problem tooMany() {
    return Problem.of(ErrorCode.UNAVAILABLE, "Too many large requests are being written.")
        .retryAfter(Duration.ofSeconds(1));
  }

  private static Problem failed(RequestId id, @Nullable Throwable failure) {
    LOG.atWarn()
        .addKeyValue("request_id", id)
        .addKeyValue("topic", Topics.BODIES.name())
        .setCause(failure)
        .log("record could not be produced");
    return failure instanceof RecordTooLargeException
        ? Problem.of(
            ErrorCode.REQUEST_TOO_LARGE, "The request does not fit into a record of the log.")
        : BrokerWatch.unreachable();
  }

  @Override
  public void close() {
    bodies.close();
  }
}
