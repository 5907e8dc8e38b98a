package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.topics.Topics;
import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends a request to the log: its body first where it is large, then the request. Thread-safe;
 * blocks the request's own thread while a large body is written.
 */
public final class RequestAppender {
  private final BodyProducer bodies;
  private final RequestProducer requests;
  private final Clock clock;

  public RequestAppender(BodyProducer bodies, RequestProducer requests, Clock clock) {
    this.bodies = bodies;
    this.requests = requests;
    this.clock = clock;
  }

  /**
   * Appends a request.
   *
   * @param repliesFrom an offset in the reply partition that is not behind the request's first
   *     reply
   * @param refused runs on the producer's thread if the request could not be appended
   * @throws ProblemException 400 if it says too much beside its body, or if its large body could
   *     not be appended; then nothing of the request is in the log that anybody would follow
   */
  PendingAppend append(
      Context context,
      AcceptedRecord accepted,
      Instant deadline,
      long repliesFrom,
      Consumer<ProblemException> refused)
      throws InterruptedException {
    RequestAccepted.Builder request = accepted.record(context, deadline, repliesFrom);
    HeaderLimit.require(request.build());
    request.setContent(content(accepted, deadline));
    return requests.append(request.build(), patience(deadline), refused);
  }

  /** Cancels all attempts of a request because its client has gone. */
  void cancel(String requestId, String tenant) {
    requests.cancel(requestId, tenant);
  }

  private @Nullable Object content(AcceptedRecord accepted, Instant deadline)
      throws InterruptedException {
    return switch (accepted.prepared().content()) {
      case PreparedRequest.CanonicalBody body -> null;
      case PreparedRequest.EncodedBody(byte[] bytes)
          when bytes.length <= Topics.INLINE_BODY_BYTES ->
          new InlineBody(ByteBuffer.wrap(bytes));
      case PreparedRequest.EncodedBody(byte[] bytes) ->
          bodies.append(accepted.id(), bytes, patience(deadline));
    };
  }

  private Duration patience(Instant deadline) {
    return Duration.between(clock.instant(), deadline);
  }
}
