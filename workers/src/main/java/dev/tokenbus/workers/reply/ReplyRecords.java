package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Numbers and serializes the records of one stream, and hands them to the producer together.
 *
 * <p>Not thread-safe; acknowledgements may come on any thread.
 */
final class ReplyRecords {
  private record Outgoing(ProducerRecord<String, byte[]> record, Callback acknowledged) {}

  private final RecordProducer producer;
  private final InstantSource clock;
  private final RequestId requestId;
  private final String key;
  private final int attempt;
  private final long claim;
  private final InFlightRecords inFlight;
  private final List<Outgoing> ready = new ArrayList<>(2);
  private int sequence;

  ReplyRecords(
      RecordProducer producer,
      InstantSource clock,
      RequestId requestId,
      int attempt,
      long claim,
      InFlightRecords inFlight) {
    this.producer = producer;
    this.clock = clock;
    this.requestId = requestId;
    key = requestId.toString();
    this.attempt = attempt;
    this.claim = claim;
    this.inFlight = inFlight;
  }

  /**
   * Makes the next record; {@link #release} sends it.
   *
   * @param characters of output in it
   * @param offset completes with the record's offset when it is acknowledged
   */
  void add(Object event, long characters, @Nullable CompletableFuture<Long> offset) {
    if (inFlight.failed()) {
      if (offset != null) {
        offset.completeExceptionally(
            new IllegalStateException("The stream of request " + key + " has failed"));
      }
      return;
    }
    inFlight.sent(characters);
    Callback acknowledged =
        (metadata, problem) -> {
          if (offset != null && problem == null) {
            offset.complete(metadata.offset());
          } else if (offset != null) {
            offset.completeExceptionally(problem);
          }
          inFlight.acknowledged(characters, problem);
        };
    Reply reply = new Reply(key, attempt, claim, sequence++, clock.instant(), event);
    try {
      ready.add(
          new Outgoing(
              producer.record(Topics.REPLIES.name(), requestId.replyPartition(), key, reply),
              acknowledged));
    } catch (RuntimeException e) {
      acknowledged.onCompletion(null, e);
    }
  }

  /**
   * Hands over what is ready, all of it serialized before: a producer that does not linger would
   * put the first record into a request of its own, and the broker takes the next request of a
   * connection only when it has answered the one before.
   */
  void release() {
    ready.forEach(one -> producer.send(one.record(), one.acknowledged()));
    ready.clear();
  }
}
