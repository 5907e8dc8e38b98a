package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.TokenUsage;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
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

  private final ReplyFlusher flusher;
  private final String key;
  private final InFlightRecords inFlight;
  private final ReplyRecords records;

  private final ReentrantLock lock = new ReentrantLock();
  private List<Delta> gathered = new ArrayList<>();
  private long gatheredCharacters;
  private boolean opened;
  private boolean outputBegun;
  private boolean closed;
  private boolean awaitsFlush;
  private @Nullable CheckpointLog checkpoints;
  private volatile long uncheckpointed;

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
    this.flusher = flusher;
    key = requestId.toString();
    inFlight = new InFlightRecords(MOST_CHARACTERS_UNDER_WAY, onFailure);
    records = new ReplyRecords(producer, clock, requestId, attempt, claim, inFlight);
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
        records.add(record, 0, offset);
        if (record.getContinuation() != Continuation.FRESH) {
          // A fence: nothing follows until it stands.
          records.release();
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
        records.release();
      } else if (!awaitsFlush) {
        awaitsFlush = true;
        flusher.flushSoon(this);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps from now on what checkpoints need. To be called before any output.
   *
   * @param rendering of the request
   */
  public void keepCheckpoints(Rendering rendering) {
    lock.lock();
    try {
      checkpoints = new CheckpointLog(rendering);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Goes on from what earlier attempts delivered.
   *
   * @param offsets of the checkpoints that hold the beginning of the output
   * @param before the output in them
   * @param since the output behind them
   */
  public void continueCheckpoints(List<Long> offsets, List<Delta> before, List<Delta> since) {
    lock.lock();
    try {
      if (checkpoints != null) {
        checkpoints.continues(offsets, before, since);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes a checkpoint behind all output so far, unless the one before has not been acknowledged
   * yet. May block while the producer's memory is full.
   *
   * @param opening the record that opened this run's stream
   * @param usage of the answer so far
   */
  public void checkpoint(Opened opening, TokenUsage usage) {
    lock.lock();
    try {
      CheckpointLog log = checkpoints;
      if (closed || !opened || log == null) {
        return;
      }
      sendGathered();
      Checkpoint next = log.next(opening, usage);
      if (next != null) {
        CompletableFuture<Long> offset = new CompletableFuture<>();
        CompletableFuture<Void> _ = offset.thenAccept(log::acknowledged);
        records.add(next, DeltaSplitter.characters(next.getOutput()), offset);
        uncheckpointed = 0;
      }
      records.release();
    } finally {
      lock.unlock();
    }
  }

  /** Characters that a checkpoint would hold; never waits. */
  public long uncheckpointed() {
    return uncheckpointed;
  }

  /** Sends what has been gathered. */
  void flush() {
    lock.lock();
    try {
      awaitsFlush = false;
      if (!closed) {
        sendGathered();
        records.release();
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
          records.add(end, 0, null);
        }
        records.release();
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
    if (checkpoints != null) {
      checkpoints.add(deltas);
      uncheckpointed = checkpoints.characters();
    }
    for (List<Delta> portion : DeltaSplitter.portions(deltas)) {
      records.add(new Deltas(portion), DeltaSplitter.characters(portion), null);
    }
  }
}
