package dev.tokenbus.router.processing;

import dev.tokenbus.router.inbound.Inbound;
import dev.tokenbus.router.lifecycle.Effect;
import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.Step;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.store.IdempotencyStore;
import dev.tokenbus.router.store.TaskStore;
import dev.tokenbus.router.store.UnreadableStateException;
import dev.tokenbus.router.streams.StandstillException;
import dev.tokenbus.router.streams.UnprocessableRecordException;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.RequestHeader;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the {@link RequestLifecycle} for the requests of one task: takes records, and calls it as
 * time passes. Memory holds what is due within seconds and which worker runs what; all else is in
 * the store.
 *
 * <p>Used by one stream thread at a time.
 */
public final class RequestProcessor implements Processor<String, Inbound, String, SpecificRecord> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestProcessor.class);

  /** Interval of the punctuation: the precision of deadlines and back-offs. */
  private static final Duration TICK = Duration.ofMillis(100);

  private final RouterParts parts;
  private final RequestLifecycle lifecycle;
  private @Nullable ProcessorContext<String, SpecificRecord> context;
  private @Nullable TaskStore store;
  private @Nullable IdempotencyStore keys;
  private @Nullable TransitionRunner transitions;
  private @Nullable Punctuation punctuation;
  private @Nullable Watermark watermark;
  private @Nullable ScopedCancels scopedCancels;
  private @Nullable CatchUp catchUp;
  private @Nullable Cancellable timer;
  private int standstills;
  private final ParkedRequests parked = new ParkedRequests();
  private final TaskInbox inbox = new TaskInbox();

  public RequestProcessor(RouterParts parts) {
    this.parts = parts;
    lifecycle = parts.lifecycle();
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> newContext) {
    context = newContext;
    standstills = parts.standstills().getAsInt();
    TaskStore tasks = new TaskStore(newContext.getStateStore(RouterTopology.STORE), parts.codec());
    IdempotencyStore idempotency = new IdempotencyStore(tasks, lifecycle);
    Schedule schedule = new Schedule(tasks);
    WorkerIndex workers = new WorkerIndex();
    WaitingDispatches waiting = new WaitingDispatches(parts.cluster());
    Watermark processed = new Watermark(tasks);
    ScopedCancels scoped = new ScopedCancels(tasks);
    EffectRunner effects = new EffectRunner(newContext, this::find);
    TransitionRunner runner =
        new TransitionRunner(
            lifecycle, tasks, idempotency, effects, schedule, workers, waiting, processed);
    boolean restored = !tasks.requests(null, 1).isEmpty();
    if (restored) {
      LOG.atInfo().addKeyValue("task", newContext.taskId()).log("task with requests is taken over");
    }
    store = tasks;
    scopedCancels = scoped;
    keys = idempotency;
    watermark = processed;
    transitions = runner;
    catchUp = new CatchUp(now(), restored ? parts.startGrace() : Duration.ZERO);
    punctuation =
        new Punctuation(
            lifecycle,
            parts.cluster(),
            tasks,
            idempotency,
            schedule,
            workers,
            waiting,
            runner,
            parked,
            inbox,
            scoped);
    parts.cancels().add(inbox);
    timer = newContext.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, timestamp -> tick());
  }

  @Override
  public void close() {
    parts.cancels().remove(inbox);
    if (timer != null) {
      timer.cancel();
    }
  }

  @Override
  public void process(Record<String, Inbound> record) {
    requireNoStandstill();
    Instant now = now();
    present(catchUp).record(record.timestamp(), now);
    switch (record.value()) {
      case Inbound.Accepted(RequestHeader header, long bytes) -> accept(header, bytes, now);
      case Inbound.UnreadableRequest(RequestHeader header, long bytes) ->
          refuse(header, bytes, now);
      case Inbound.Report(AttemptEvent event) -> report(event, now);
      case Inbound.UnreadableReport report ->
          throw new UnprocessableRecordException(
              "A newer version has written a report on attempt "
                  + report.header().getAttempt()
                  + " of request "
                  + report.header().getRequestId()
                  + "; its request stays supervised");
      case null -> throw new UnprocessableRecordException("A record without a value");
    }
  }

  private void accept(RequestHeader header, long bytes, Instant now) {
    RequestId id = id(header.getRequestId());
    LogPosition position = position(bytes);
    try {
      RequestState state = present(store).request(id);
      if (state == null && repeated(id, position)) {
        return;
      }
      Step step = cancelled(accepted(id, state, header, position, now), now);
      present(transitions).run(id, state, step, Trigger.ACCEPTANCE, header, now);
    } catch (UnreadableStateException e) {
      parked.park(id, e);
    } finally {
      present(watermark).processed(position.offset());
    }
  }

  /** A new request whose key's owner cannot be read ends: to run it might be to run a repeat. */
  private Step accepted(
      RequestId id,
      @Nullable RequestState state,
      RequestHeader header,
      LogPosition position,
      Instant now) {
    IdempotencyEntry owner = null;
    try {
      owner = present(keys).of(header);
    } catch (UnreadableStateException e) {
      if (state == null) {
        LOG.atWarn()
            .addKeyValue("request_id", id)
            .setCause(e)
            .log("request is refused: a newer version has written its idempotency key's owner");
        return lifecycle.unreadable(null, header, position, now);
      }
    }
    return lifecycle.accepted(state, header, position, owner, now);
  }

  /** A command to cancel may have been read before the request that it is about. */
  private Step cancelled(Step step, Instant now) {
    RequestState next = step.next();
    return next == null
        ? step
        : present(scopedCancels)
            .concerning(next)
            .map(command -> step.then(lifecycle.cancelled(next, command, now)))
            .orElse(step);
  }

  private void refuse(RequestHeader header, long bytes, Instant now) {
    RequestId id = id(header.getRequestId());
    LogPosition position = position(bytes);
    try {
      RequestState state = present(store).request(id);
      if (state == null && repeated(id, position)) {
        return;
      }
      present(transitions)
          .run(
              id,
              state,
              lifecycle.unreadable(state, header, position, now),
              Trigger.ACCEPTANCE,
              null,
              now);
    } catch (UnreadableStateException e) {
      parked.park(id, e);
    } finally {
      present(watermark).processed(position.offset());
    }
  }

  private boolean repeated(RequestId id, LogPosition position) {
    boolean repeated = present(watermark).covers(position.offset());
    if (repeated) {
      LOG.atDebug()
          .addKeyValue("request_id", id)
          .addKeyValue("offset", position.offset())
          .log("request was processed before and has been forgotten");
    }
    return repeated;
  }

  private void report(AttemptEvent event, Instant now) {
    RequestId id = id(event.getRequestId());
    try {
      RequestState state = present(store).request(id);
      if (state == null) {
        LOG.atDebug()
            .addKeyValue("request_id", id)
            .addKeyValue("attempt", event.getAttempt())
            .log("report on a request that is not known");
      }
      present(transitions)
          .run(id, state, lifecycle.reported(state, event, now), Trigger.report(event), null, now);
    } catch (UnreadableStateException e) {
      parked.park(id, e);
    }
  }

  private void find(Effect.FindFinalReply find) {
    RequestId id = find.request();
    parts.finalReplies().find(id, find.repliesFrom(), reply -> inbox.found(id, reply));
  }

  /**
   * The changelog has no fence: what a former owner of the task writes there would undo what its
   * new one has written.
   */
  private void requireNoStandstill() {
    if (parts.standstills().getAsInt() != standstills) {
      throw new StandstillException();
    }
  }

  private void tick() {
    requireNoStandstill();
    Instant now = now();
    if (!present(catchUp).paused(now)) {
      present(punctuation).tick(now);
    }
  }

  private static RequestId id(String text) {
    try {
      return RequestId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UnprocessableRecordException("Not a request id: " + text, e);
    }
  }

  private LogPosition position(long bytes) {
    RecordMetadata metadata = present(context).recordMetadata().orElseThrow();
    return new LogPosition(metadata.partition(), metadata.offset(), bytes);
  }

  private Instant now() {
    return Instant.ofEpochMilli(present(context).currentSystemTimeMs());
  }

  private static <T> T present(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("init comes first");
    }
    return part;
  }
}
