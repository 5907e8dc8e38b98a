package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.ClusterView;
import dev.tokenbus.router.lifecycle.Effect;
import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.Step;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.replay.FinalReplySource;
import dev.tokenbus.router.replay.RequestBodySource;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.store.DeadlineQueue;
import dev.tokenbus.router.store.IdempotencyStore;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.streams.UnprocessableRecordException;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the {@link RequestLifecycle} for the requests of one task: stores their states, sends the
 * effects, and calls it as time passes. Deadline queue and worker index are rebuilt from the stores
 * when the task begins.
 *
 * <p>Used by one stream thread at a time.
 */
public final class RequestProcessor
    implements Processor<String, SpecificRecord, String, SpecificRecord> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestProcessor.class);

  /** Interval of the punctuation: the precision of deadlines and back-offs. */
  private static final Duration TICK = Duration.ofMillis(100);

  /** How often a request is checked whose next transition depends on the {@link ClusterView}. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private static final Duration BODY_RETRY = Duration.ofMillis(500);

  /** Punctuation stays paused this long after the last replayed record. */
  private static final Duration CATCH_UP = Duration.ofMillis(500);

  /** The longest pause of the punctuation for records that look old: clocks differ. */
  private static final Duration MOST_CATCH_UP = Duration.ofSeconds(30);

  /** The final reply that the log reader has found. */
  private record Found(RequestId request, FinalReply word) {}

  private final RequestLifecycle lifecycle;
  private final ClusterView cluster;
  private final RequestBodySource bodies;
  private final FinalReplySource finalReplies;
  private final StateCodec codec;
  private final Duration startGrace;

  private final DeadlineQueue<RequestId> deadlines = new DeadlineQueue<>();
  private final WorkerIndex workers = new WorkerIndex();
  private final Queue<RequestId> restored = new ArrayDeque<>();
  private final Queue<Found> found = new ConcurrentLinkedQueue<>();
  private @Nullable ProcessorContext<String, SpecificRecord> context;
  private @Nullable KeyValueStore<RequestId, StoredEntry> store;
  private @Nullable IdempotencyStore keys;
  private @Nullable EffectRunner effects;
  private Instant takenOver = Instant.MIN;
  private Instant quietUntil = Instant.MIN;

  /**
   * @param startGrace how long the punctuation is paused after the task was taken over, so that the
   *     records which its former owner had not committed are processed before their requests time
   *     out
   */
  public RequestProcessor(
      RequestLifecycle lifecycle,
      ClusterView cluster,
      RequestBodySource bodies,
      FinalReplySource finalReplies,
      StateCodec codec,
      Duration startGrace) {
    this.lifecycle = lifecycle;
    this.cluster = cluster;
    this.bodies = bodies;
    this.finalReplies = finalReplies;
    this.codec = codec;
    this.startGrace = startGrace;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> newContext) {
    context = newContext;
    store = newContext.getStateStore(RouterTopology.REQUEST_STORE);
    keys =
        new IdempotencyStore(newContext.getStateStore(RouterTopology.IDEMPOTENCY_STORE), lifecycle);
    effects =
        new EffectRunner(
            newContext, id -> finalReplies.find(id, word -> found.add(new Found(id, word))));
    try (KeyValueIterator<RequestId, StoredEntry> entries = store().all()) {
      while (entries.hasNext()) {
        KeyValue<RequestId, StoredEntry> entry = entries.next();
        RequestState state = codec.state(entry.key, entry.value);
        workers.moved(entry.key, null, state);
        deadlines.add(entry.key, state.due());
        restored.add(entry.key);
      }
    }
    takenOver = now();
    if (!restored.isEmpty()) {
      quietUntil = takenOver.plus(startGrace);
      LOG.atInfo()
          .addKeyValue("task", newContext.taskId())
          .addKeyValue("requests", restored.size())
          .log("requests taken over");
    }
    newContext.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, timestamp -> tick());
  }

  @Override
  public void process(Record<String, SpecificRecord> record) {
    Instant now = now();
    waitForOldRecords(record.timestamp(), now);
    switch (record.value()) {
      case RequestAccepted accepted -> {
        RequestId id = id(accepted.getRequestId());
        RequestState state = load(id);
        Step step = lifecycle.accepted(state, accepted, position(), keys().of(accepted), now);
        bringAbout(id, state, step, Trigger.ACCEPTANCE, accepted, now);
      }
      case AttemptEvent event -> {
        RequestId id = id(event.getRequestId());
        RequestState state = load(id);
        if (state == null) {
          LOG.atDebug()
              .addKeyValue("request_id", id)
              .addKeyValue("attempt", event.getAttempt())
              .log("report on a request that is not known");
        }
        Step step = lifecycle.reported(state, event, now);
        bringAbout(id, state, step, Trigger.report(event), null, now);
      }
      case null, default ->
          throw new UnprocessableRecordException("Neither a request nor a report on an attempt");
    }
  }

  /**
   * Pauses the punctuation while records come that were written before the task was taken over: a
   * deadline must not end a request whose success is among the records still to come.
   */
  private void waitForOldRecords(long timestamp, Instant now) {
    if (timestamp < takenOver.toEpochMilli() && now.isBefore(takenOver.plus(MOST_CATCH_UP))) {
      Instant until = now.plus(CATCH_UP);
      quietUntil = until.isAfter(quietUntil) ? until : quietUntil;
    }
  }

  private void tick() {
    Instant now = now();
    if (now.isBefore(quietUntil)) {
      return;
    }
    for (RequestId id = restored.poll(); id != null; id = restored.poll()) {
      RequestState state = load(id);
      if (state != null) {
        bringAbout(id, state, lifecycle.resumed(state, now), Trigger.TIME, null, now);
      }
    }
    for (Found next = found.poll(); next != null; next = found.poll()) {
      settle(next.request(), next.word(), now);
    }
    for (RequestId id : workers.requestsOf(run -> cluster.lost(run, now))) {
      advance(id, now);
    }
    for (RequestId id = deadlines.poll(now); id != null; id = deadlines.poll(now)) {
      advance(id, now);
    }
    keys().free(now);
  }

  private void settle(RequestId id, FinalReply word, Instant now) {
    RequestState state = load(id);
    if (state != null) {
      bringAbout(id, state, lifecycle.settled(state, word, now), Trigger.TIME, null, now);
    }
  }

  private void advance(RequestId id, Instant now) {
    RequestState state = load(id);
    if (state != null) {
      // bringAbout dispatches an admitted request, since it has the body.
      Step step =
          state instanceof Admitted ? new Step(state, List.of()) : lifecycle.advance(state, now);
      bringAbout(id, state, step, Trigger.TIME, null, now);
    }
  }

  /**
   * @param record the request's record; null where another event is processed
   */
  private void bringAbout(
      RequestId id,
      @Nullable RequestState before,
      Step decided,
      Trigger trigger,
      @Nullable RequestAccepted record,
      Instant now) {
    Step step = decided;
    if (decided.next() instanceof Admitted admitted && !admitted.due().isAfter(now)) {
      step = decided.then(lifecycle.dispatch(admitted, trigger, now));
    }
    RequestAccepted body = record;
    LogPosition needed = step.bodyNeeded();
    if (body == null && needed != null) {
      body = bodies.read(needed).orElse(null);
      if (body == null) {
        step =
            decided.next() instanceof Admitted admitted
                ? decided.then(lifecycle.postponed(admitted, now.plus(BODY_RETRY)))
                : decided.withoutDispatch();
      }
    }
    // Dispatches are sent first: the broker takes the next request of a connection only when it has
    // answered the one before, and a client waits for this one.
    for (Effect effect : step.effects()) {
      if (effect instanceof Effect.Dispatch) {
        effects().bringAbout(effect, body, now);
      }
    }
    keep(id, before, step.next(), now);
    if (step.next() != null) {
      keys().follow(step.next());
    }
    for (Effect effect : step.effects()) {
      if (!(effect instanceof Effect.Dispatch)) {
        effects().bringAbout(effect, body, now);
      }
    }
  }

  private void keep(
      RequestId id, @Nullable RequestState before, @Nullable RequestState next, Instant now) {
    if (next == null) {
      if (before != null) {
        store().delete(id);
        workers.moved(id, before, null);
      }
      return;
    }
    if (next.equals(before)) {
      if (!next.due().isAfter(now)) {
        deadlines.add(id, now.plus(LOOK_AGAIN));
      }
      return;
    }
    store().put(id, codec.stored(next));
    workers.moved(id, before, next);
    deadlines.add(id, next.due());
    log(id, before, next);
  }

  private static void log(RequestId id, @Nullable RequestState before, RequestState next) {
    if (next instanceof Ended ended) {
      RequestFinished outcome = ended.request().outcome();
      boolean asHoped = outcome.getStatus() == RequestStatus.COMPLETED;
      (asHoped ? LOG.atDebug() : LOG.atInfo())
          .addKeyValue("request_id", id)
          .addKeyValue("status", outcome.getStatus())
          .addKeyValue("error", outcome.getErrorCode())
          .addKeyValue("attempts", outcome.getAttempts())
          .log("request ended");
    } else {
      LOG.atDebug()
          .addKeyValue("request_id", id)
          .addKeyValue("from", before == null ? "nothing" : before.getClass().getSimpleName())
          .addKeyValue("to", next.getClass().getSimpleName())
          .log("request moved on");
    }
  }

  private @Nullable RequestState load(RequestId id) {
    StoredEntry entry = store().get(id);
    return entry == null ? null : codec.state(id, entry);
  }

  private static RequestId id(String text) {
    try {
      return RequestId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UnprocessableRecordException("Not a request id: " + text, e);
    }
  }

  private LogPosition position() {
    RecordMetadata metadata = context().recordMetadata().orElseThrow();
    return new LogPosition(metadata.partition(), metadata.offset());
  }

  private Instant now() {
    return Instant.ofEpochMilli(context().currentSystemTimeMs());
  }

  private ProcessorContext<String, SpecificRecord> context() {
    return Objects.requireNonNull(context, "init comes first");
  }

  private KeyValueStore<RequestId, StoredEntry> store() {
    return Objects.requireNonNull(store, "init comes first");
  }

  private IdempotencyStore keys() {
    return Objects.requireNonNull(keys, "init comes first");
  }

  private EffectRunner effects() {
    return Objects.requireNonNull(effects, "init comes first");
  }
}
