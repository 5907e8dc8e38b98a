package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records of one run of an attempt to {@code replies}: the opening record, the output
 * and the end, with sequence numbers without gaps. The first output is sent at once, since a client
 * waits for it. Later output is gathered until the next flush, since requests to the broker cost
 * more than the tokens in them.
 *
 * <p>Thread-safe; calls wait for one another, and {@link #append} also waits while too much of the
 * stream is under way to the broker. After a failed send nothing more is sent: a gap would end the
 * stream for every reader anyway.
 */
public final class ReplyWriter {
  private static final long MOST_CHARACTERS_UNDER_WAY = 512 * 1024;
  private static final int MOST_DELTAS_GATHERED = 512;

  // Gathered output is not in flight yet, so it has a bound of its own.
  private static final long MOST_CHARACTERS_GATHERED = 64 * 1024;

  private final RecordProducer producer;
  private final ReplyFlusher flusher;
  private final InstantSource clock;
  private final RequestId requestId;
  private final String key;
  private final int attempt;
  private final long claim;
  private final InFlightRecords inFlight;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Outgoing> ready = new ArrayList<>(2);
  private List<Delta> gathered = new ArrayList<>();
  private long gatheredCharacters;
  private int sequence;
  private boolean opened;
  private boolean outputBegun;
  private boolean closed;
  private boolean awaitsFlush;

  /**
   * @param onFailure called once when a record could not be written
   */
  ReplyWriter(
      RecordProducer producer,
      ReplyFlusher flusher,
      InstantSource clock,
      RequestId requestId,
      int attempt,
      long claim,
      Consumer<Exception> onFailure) {
    this.producer = producer;
    this.flusher = flusher;
    this.clock = clock;
    this.requestId = requestId;
    this.key = requestId.toString();
    this.attempt = attempt;
    this.claim = claim;
    inFlight = new InFlightRecords(MOST_CHARACTERS_UNDER_WAY, onFailure);
  }

  /**
   * Writes the opening record, once; later calls do nothing. Where it opens a fresh answer it is
   * held until the output or the end that follows at once, and is sent in one request with it.
   *
   * @return the record's offset when it is acknowledged; fails at once where nothing was written
   */
  public CompletableFuture<Long> open(Opened record) {
    CompletableFuture<Long> offset = new CompletableFuture<>();
    lock.lock();
    try {
      if (!opened && !closed) {
        opened = true;
        send(record, 0, offset);
        if (record.getContinuation() != Continuation.FRESH) {
          // A fence: nothing follows until it stands.
          release();
        }
      } else {
        offset.completeExceptionally(
            new IllegalStateException(
                "The stream of request " + key + " is open or closed already"));
      }
    } finally {
      lock.unlock();
    }
    return offset;
  }

  /** Takes output; {@link #open} must have been called. */
  public void append(List<Delta> deltas) {
    inFlight.awaitRoom();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (!opened) {
        throw new IllegalStateException("Output before the opening record of request " + key);
      }
      gathered.addAll(deltas);
      gatheredCharacters += DeltaSplitter.characters(deltas);
      if (!outputBegun
          || gathered.size() >= MOST_DELTAS_GATHERED
          || gatheredCharacters >= MOST_CHARACTERS_GATHERED
          || !flusher.gathers()) {
        outputBegun = true;
        sendGathered();
        release();
      } else if (!awaitsFlush) {
        awaitsFlush = true;
        flusher.flushSoon(this);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends what has been gathered. */
  void flush() {
    lock.lock();
    try {
      awaitsFlush = false;
      if (!closed) {
        sendGathered();
        release();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether any output was sent. */
  public boolean delivered() {
    lock.lock();
    try {
      return outputBegun;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends what has been gathered, and the end where there is one; nothing is sent afterwards.
   *
   * @return completes when everything is acknowledged, or with the first failure
   */
  public CompletableFuture<Void> close(@Nullable Completed end) {
    lock.lock();
    try {
      if (!closed) {
        sendGathered();
        if (end != null) {
          send(end, 0, null);
        }
        release();
        closed = true;
      }
    } finally {
      lock.unlock();
    }
    return inFlight.close();
  }

  private void sendGathered() {
    if (gathered.isEmpty()) {
      return;
    }
    List<Delta> deltas = gathered;
    gathered = new ArrayList<>();
    gatheredCharacters = 0;
    for (List<Delta> portion : DeltaSplitter.portions(deltas)) {
      send(new Deltas(portion), DeltaSplitter.characters(portion), null);
    }
  }

  private void send(Object event, long characters, @Nullable CompletableFuture<Long> offset) {
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
  private void release() {
    ready.forEach(one -> producer.send(one.record(), one.acknowledged()));
    ready.clear();
  }

  private record Outgoing(ProducerRecord<String, byte[]> record, Callback acknowledged) {}
}
