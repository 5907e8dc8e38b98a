package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.Effect;
import dev.tokenbus.router.lifecycle.Request;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.Step;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.store.IdempotencyStore;
import dev.tokenbus.router.store.TaskStore;
import dev.tokenbus.router.store.UnreadableStateException;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestHeader;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the transitions that the {@link RequestLifecycle} decides: sends their effects, and keeps
 * the new states and what follows from them.
 *
 * <p>Used by one stream thread at a time.
 */
final class TransitionRunner {
  private static final Logger LOG = LoggerFactory.getLogger(TransitionRunner.class);

  /** How often a request is checked whose next transition depends on the cluster. */
  private static final Duration CHECK_AGAIN = Duration.ofSeconds(1);

  private final RequestLifecycle lifecycle;
  private final TaskStore store;
  private final IdempotencyStore keys;
  private final EffectRunner effects;
  private final Schedule schedule;
  private final WorkerIndex workers;
  private final WaitingDispatches waiting;
  private final Watermark watermark;

  TransitionRunner(
      RequestLifecycle lifecycle,
      TaskStore store,
      IdempotencyStore keys,
      EffectRunner effects,
      Schedule schedule,
      WorkerIndex workers,
      WaitingDispatches waiting,
      Watermark watermark) {
    this.lifecycle = lifecycle;
    this.store = store;
    this.keys = keys;
    this.effects = effects;
    this.schedule = schedule;
    this.workers = workers;
    this.waiting = waiting;
    this.watermark = watermark;
  }

  /**
   * Makes a transition, and the dispatch that it makes due.
   *
   * @param header the request's header; null where another event is processed
   */
  void run(
      RequestId id,
      @Nullable RequestState before,
      Step decided,
      Trigger trigger,
      @Nullable RequestHeader header,
      Instant now) {
    Step step = decided;
    if (decided.next() instanceof Admitted admitted && !admitted.due().isAfter(now)) {
      step = decided.then(lifecycle.dispatch(admitted, trigger, now));
    }
    // Dispatches are sent first: the broker takes the next request of a connection only when it has
    // answered the one before, and a client waits for this one.
    for (Effect effect : step.effects()) {
      if (effect instanceof Effect.Dispatch) {
        effects.run(effect, header, now);
      }
    }
    keep(id, before, step.next(), trigger, now);
    for (Effect effect : step.effects()) {
      if (!(effect instanceof Effect.Dispatch)) {
        effects.run(effect, header, now);
      }
    }
  }

  private void keep(
      RequestId id,
      @Nullable RequestState before,
      @Nullable RequestState next,
      Trigger trigger,
      Instant now) {
    if (next == null) {
      if (before != null) {
        forget(id, before);
      }
      return;
    }
    if (next.equals(before)) {
      if (trigger.equals(Trigger.TIME)) {
        wait(id, next, now);
      }
    } else {
      store.put(id, next);
      workers.moved(id, before, next);
      schedule.enter(id, next.due(), now);
      log(id, before, next);
    }
    follow(next);
  }

  private void forget(RequestId id, RequestState before) {
    watermark.cover(request(before).position());
    store.delete(id);
    workers.moved(id, before, null);
  }

  private static Request request(RequestState state) {
    return switch (state) {
      case Live live -> live.request();
      case Ended ended -> ended.request();
    };
  }

  /** Time has not moved the request on. */
  private void wait(RequestId id, RequestState state, Instant now) {
    if (state.due().isAfter(now)) {
      schedule.remain(id, state.due(), now);
    } else if (state instanceof Dispatched dispatched
        && !dispatched.at().plus(WaitingDispatches.YOUNG).isAfter(now)) {
      waiting.add(dispatched);
      schedule.remain(id, dispatched.request().deadline(), now);
    } else {
      schedule.remain(id, now.plus(CHECK_AGAIN), now);
    }
  }

  private void follow(RequestState state) {
    try {
      keys.follow(state);
    } catch (UnreadableStateException e) {
      LOG.atWarn()
          .addKeyValue("request_id", request(state).id())
          .setCause(e)
          .log("owner of an idempotency key is left to the newer version that has written it");
    }
  }

  private static void log(RequestId id, @Nullable RequestState before, RequestState next) {
    if (next instanceof Ended ended) {
      RequestFinished outcome = ended.request().outcome();
      boolean completed = outcome.getStatus() == RequestStatus.COMPLETED;
      (completed ? LOG.atDebug() : LOG.atInfo())
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
          .log("request changed its state");
    }
  }
}
