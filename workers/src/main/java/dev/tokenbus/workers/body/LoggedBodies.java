package dev.tokenbus.workers.body;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.runtime.kafka.scan.PartitionScanner;
import dev.tokenbus.runtime.kafka.scan.ScanSpec;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestBody;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.serde.Decoded;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies from where the dispatch says they stand: in the dispatch itself, in the request's
 * record, or on topic {@code bodies}. While the broker or the registry is away, reading is tried
 * again until the request's deadline.
 *
 * <p>Thread-safe.
 */
public final class LoggedBodies implements RequestBodies, AutoCloseable {
  /** A body of 10 MB takes a reader some 50 ms; others need not wait for it. */
  private static final int READERS = 4;

  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration SHORTEST_LIMIT = Duration.ofSeconds(1);

  private final PartitionScanner scanner;
  private final RecordDecoder<RequestBody> bodies;
  private final RecordDecoder<RequestAccepted> requests;
  private final InstantSource clock;

  private LoggedBodies(PartitionScanner scanner, TopicSchemas schemas, InstantSource clock) {
    this.scanner = scanner;
    this.clock = clock;
    bodies = schemas.decoder(RequestBody.class);
    requests = schemas.decoder(RequestAccepted.class);
  }

  /** Starts readers that have no connection yet. */
  public static LoggedBodies start(KafkaSettings kafka, TopicSchemas schemas, InstantSource clock) {
    return new LoggedBodies(
        PartitionScanner.ofSingleRecords(kafka, "worker-bodies", READERS), schemas, clock);
  }

  @Override
  public BodySource of(AttemptDispatched dispatched) {
    ChatRequest body = dispatched.getBody();
    if (body != null) {
      return () -> body;
    }
    Instant deadline = dispatched.getDeadline();
    return switch (dispatched.getContent()) {
      case InlineBody inline -> () -> inline(inline, deadline);
      case BodyReference reference -> new Referenced(reference, deadline);
      case null -> throw new IllegalArgumentException("The dispatch has no body");
      default ->
          throw new IllegalArgumentException(
              "The dispatch's body is " + dispatched.getContent().getClass());
    };
  }

  /** A body that stands on the log. */
  private final class Referenced implements BodySource {
    private final BodyReference reference;
    private final Instant deadline;

    private Referenced(BodyReference reference, Instant deadline) {
      this.reference = reference;
      this.deadline = deadline;
    }

    @Override
    public ChatRequest read() throws BodyException {
      return at(reference.getAt(), deadline);
    }

    @Override
    public long bytes() {
      return reference.getSize();
    }
  }

  private ChatRequest inline(InlineBody inline, Instant deadline) throws BodyException {
    ByteBuffer data = inline.getData().duplicate();
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    while (true) {
      switch (bodies.decode(Topics.BODIES.name(), bytes)) {
        case Decoded.Value<RequestBody>(RequestBody body) -> {
          return chat(body);
        }
        case Decoded.Undecodable<RequestBody> undecodable -> throw unreadable(undecodable.reason());
        case Decoded.RegistryDown<RequestBody> down -> await(deadline, down.cause());
      }
    }
  }

  private void await(Instant deadline, RuntimeException cause) throws BodyException {
    try {
      if (clock.instant().isBefore(deadline)) {
        Thread.sleep(RETRY);
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw unavailable(cause);
  }

  private ChatRequest at(LogReference at, Instant deadline) throws BodyException {
    if (at.getTopic().equals(Topics.BODIES.name())) {
      return chat(record(at, bodies, deadline));
    }
    if (!at.getTopic().equals(Topics.REQUESTS.name())) {
      throw new BodyException(
          ErrorCode.UNREADABLE_REQUEST,
          "The request's body stands where this worker does not read",
          new IllegalArgumentException("No topic of bodies: " + at.getTopic()));
    }
    RequestAccepted request = record(at, requests, deadline);
    return switch (request.getContent()) {
      case InlineBody inline -> inline(inline, deadline);
      case BodyReference reference when reference.getAt().getTopic().equals(Topics.BODIES.name()) ->
          at(reference.getAt(), deadline);
      case null, default -> {
        if (request.getBody() == null) {
          throw new BodyException(
              ErrorCode.UNREADABLE_REQUEST, "The request's record holds no body", null);
        }
        yield request.getBody();
      }
    };
  }

  private <T> T record(LogReference at, RecordDecoder<T> decoder, Instant deadline)
      throws BodyException {
    AtomicReference<@Nullable TopicRecord<T>> found = new AtomicReference<>();
    try {
      scanner
          .scan(
              ScanSpec.at(
                  new TopicPartition(at.getTopic(), at.getPartition()),
                  at.getOffset(),
                  decoder,
                  record -> {
                    found.set(record);
                    return false;
                  },
                  limit(deadline)))
          .join();
    } catch (CompletionException e) {
      throw unavailable(e);
    }
    return switch (found.get()) {
      case TopicRecord.Present<T>(var source, T value) -> value;
      case TopicRecord.Unreadable<T> record -> throw unreadable(record.why().reason());
      case TopicRecord.Tombstone<T> tombstone -> throw gone(at);
      case null -> throw gone(at);
    };
  }

  private Duration limit(Instant deadline) {
    Duration left = Duration.between(clock.instant(), deadline);
    return left.compareTo(SHORTEST_LIMIT) < 0 ? SHORTEST_LIMIT : left;
  }

  private static ChatRequest chat(RequestBody body) throws BodyException {
    if (body.getContent() instanceof ChatRequest chat) {
      return chat;
    }
    throw new BodyException(
        ErrorCode.UNREADABLE_REQUEST,
        "This worker serves chat and no " + body.getContent().getClass().getSimpleName(),
        null);
  }

  private static BodyException unavailable(RuntimeException cause) {
    return new BodyException(ErrorCode.UNAVAILABLE, "The request's body could not be read", cause);
  }

  private static BodyException unreadable(RuntimeException reason) {
    return new BodyException(
        ErrorCode.UNREADABLE_REQUEST,
        "The request's body was written by a newer version, or is none",
        reason);
  }

  private static BodyException gone(LogReference at) {
    return new BodyException(
        ErrorCode.EXPIRED,
        "The request's body is no longer kept",
        new IllegalStateException(
            "Nothing stands at offset %d of partition %d of topic %s"
                .formatted(at.getOffset(), at.getPartition(), at.getTopic())));
  }

  @Override
  public void close() {
    scanner.close();
  }
}
