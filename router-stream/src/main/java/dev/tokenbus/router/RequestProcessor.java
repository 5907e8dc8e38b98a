package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.Cause;
import dev.tokenbus.router.lifecycle.Effect;
import dev.tokenbus.router.lifecycle.LastWord;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.Step;
import dev.tokenbus.router.lifecycle.World;
import dev.tokenbus.router.state.StoredEntry;
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
 * Runs the {@link RequestLifecycle} for the requests of one task: keeps their states, brings about
 * the effects, tells the time. What it has beside the store (timers, worker index) is made from the
 * stores when the task begins.
 *
 * <p>Used by one stream thread at a time.
 */
final class RequestProcessor implements Processor<String, SpecificRecord, String, SpecificRecord> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestProcessor.class);

  /** How often time is told; the precision of deadlines and back-offs. */
  private static final Duration TICK = Duration.ofMillis(100);

  /** How often a request is looked at whose way on depends on the world and not on time. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private static final Duration BODY_RETRY = Duration.ofMillis(500);

  /** How long time goes on to stand still after a record from before the task was taken over. */
  private static final Duration CATCH_UP = Duration.ofMillis(500);

  /** The longest that time stands still for records that look old: clocks differ. */
  private static final Duration MOST_CATCH_UP = Duration.ofSeconds(30);

  /** How a request has ended in the log of replies. */
  private record Found(RequestId request, LastWord word) {}

  private final RequestLifecycle lifecycle;
  private final World world;
  private final RequestBodies bodies;
  private final LastWords lastWords;
  private final StateCodec codec;
  private final Duration startGrace;

  private final Timers<RequestId> timers = new Timers<>();
  private final WorkerIndex workers = new WorkerIndex();
  private final Queue<RequestId> restored = new ArrayDeque<>();
  private final Queue<Found> found = new ConcurrentLinkedQueue<>();
  private @Nullable ProcessorContext<String, SpecificRecord> context;
  private @Nullable KeyValueStore<RequestId, StoredEntry> store;
  private @Nullable KeyOwners keys;
  private @Nullable Effects effects;
  private Instant takenOver = Instant.MIN;
  private Instant quietUntil = Instant.MIN;

  /**
   * @param startGrace how long time stands still for a task that has just been taken over, so that
   *     the records which its former owner had not committed are processed before their requests
   *     time out
   */
  RequestProcessor(
      RequestLifecycle lifecycle,
      World world,
      RequestBodies bodies,
      LastWords lastWords,
      StateCodec codec,
      Duration startGrace) {
    this.lifecycle = lifecycle;
    this.world = world;
    this.bodies = bodies;
    this.lastWords = lastWords;
    this.codec = codec;
    this.startGrace = startGrace;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> newContext) {
    context = newContext;
    store = newContext.getStateStore(RouterTopology.STORE);
    keys = new KeyOwners(newContext.getStateStore(RouterTopology.KEYS), lifecycle);
    effects =
        new Effects(newContext, id -> lastWords.find(id, word -> found.add(new Found(id, word))));
    try (KeyValueIterator<RequestId, StoredEntry> entries = store().all()) {
      while (entries.hasNext()) {
        KeyValue<RequestId, StoredEntry> entry = entries.next();
        RequestState state = codec.state(entry.key, entry.value);
        workers.moved(entry.key, null, state);
        timers.add(entry.key, state.due());
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
        bringAbout(id, state, step, Cause.ACCEPTANCE, accepted, now);
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
        bringAbout(id, state, step, Cause.report(event), null, now);
      }
      case null, default ->
          throw new UnprocessableRecordException("Neither a request nor a report on an attempt");
    }
  }

  /**
   * As long as records come that were written while nobody had the task, time must not end what may
   * have succeeded among those that are still to come.
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
        bringAbout(id, state, lifecycle.resumed(state, now), Cause.TIME, null, now);
      }
    }
    for (Found next = found.poll(); next != null; next = found.poll()) {
      settle(next.request(), next.word(), now);
    }
    for (RequestId id : workers.requestsOf(run -> world.lost(run, now))) {
      advance(id, now);
    }
    for (RequestId id = timers.poll(now); id != null; id = timers.poll(now)) {
      advance(id, now);
    }
    keys().free(now);
  }

  private void settle(RequestId id, LastWord word, Instant now) {
    RequestState state = load(id);
    if (state != null) {
      bringAbout(id, state, lifecycle.settled(state, word, now), Cause.TIME, null, now);
    }
  }

  private void advance(RequestId id, Instant now) {
    RequestState state = load(id);
    if (state != null) {
      // An admitted request is dispatched by bringAbout, which has the body.
      Step step =
          state instanceof Admitted ? new Step(state, List.of()) : lifecycle.advance(state, now);
      bringAbout(id, state, step, Cause.TIME, null, now);
    }
  }

  /**
   * @param record the request's record where it is at hand
   */
  private void bringAbout(
      RequestId id,
      @Nullable RequestState before,
      Step decided,
      Cause cause,
      @Nullable RequestAccepted record,
      Instant now) {
    Step step = decided;
    if (decided.next() instanceof Admitted admitted && !admitted.due().isAfter(now)) {
      step = decided.then(lifecycle.dispatch(admitted, cause, now));
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
    // Dispatches before all else: the broker takes the next request of a connection only when it
    // has answered the one before, and this is the one that somebody waits for.
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
        timers.add(id, now.plus(LOOK_AGAIN));
      }
      return;
    }
    store().put(id, codec.stored(next));
    workers.moved(id, before, next);
    timers.add(id, next.due());
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

  private KeyOwners keys() {
    return Objects.requireNonNull(keys, "init comes first");
  }

  private Effects effects() {
    return Objects.requireNonNull(effects, "init comes first");
  }
}
