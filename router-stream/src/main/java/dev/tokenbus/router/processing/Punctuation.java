package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.ClusterView;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.Step;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.store.IdempotencyStore;
import dev.tokenbus.router.store.TaskStore;
import dev.tokenbus.router.store.UnreadableStateException;
import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a task does as time passes. Every part of it is bounded per call, so that records do not
 * wait behind it.
 *
 * <p>Used by one stream thread at a time.
 */
final class Punctuation {
  /** Requests that one call looks at on a walk through the task. */
  private static final int WALKED = 2_000;

  /** Requests that one call moves on for one reason: their time, their worker, a finding. */
  private static final int DUE = 5_000;

  /** Idempotency keys that one call removes, which is more than can be given to one task. */
  private static final int EXPIRED = 2_000;

  /**
   * Idempotency keys that one call looks at for want of a note when they expire: a million keys
   * take three hours, a key lives a day.
   */
  private static final int SWEPT = 10;

  private final RequestLifecycle lifecycle;
  private final ClusterView cluster;
  private final TaskStore store;
  private final IdempotencyStore keys;
  private final Schedule schedule;
  private final WorkerIndex workers;
  private final WaitingDispatches waiting;
  private final TransitionRunner transitions;
  private final ParkedRequests parked;
  private final TaskInbox inbox;
  private final ScopedCancels scopedCancels;
  private final TaskWalk resumption;
  private final TaskWalk waitingWalk;

  Punctuation(
      RequestLifecycle lifecycle,
      ClusterView cluster,
      TaskStore store,
      IdempotencyStore keys,
      Schedule schedule,
      WorkerIndex workers,
      WaitingDispatches waiting,
      TransitionRunner transitions,
      ParkedRequests parked,
      TaskInbox inbox,
      ScopedCancels scopedCancels) {
    this.lifecycle = lifecycle;
    this.cluster = cluster;
    this.store = store;
    this.keys = keys;
    this.schedule = schedule;
    this.workers = workers;
    this.waiting = waiting;
    this.transitions = transitions;
    this.parked = parked;
    this.inbox = inbox;
    this.scopedCancels = scopedCancels;
    resumption = new TaskWalk(store);
    resumption.begin();
    waitingWalk = new TaskWalk(store);
  }

  void tick(Instant now) {
    if (resumption.running()) {
      resumption.next(WALKED).forEach(id -> resume(id, now));
    }
    inbox.drain(
        DUE,
        (id, reply) -> run(id, now, state -> lifecycle.settled(state, reply, now)),
        (id, cancel) -> run(id, now, state -> lifecycle.cancelled(state, cancel, now)),
        command -> scopedCancels.heard(command, now));
    for (RequestId id : scopedCancels.next(WALKED, now)) {
      cancel(id, now);
    }
    for (RequestId id : workers.requestsOf(run -> cluster.lost(run, now), now, DUE)) {
      advance(id, now);
    }
    List<RequestId> due = schedule.take(now, DUE);
    due.forEach(id -> advance(id, now));
    walkWaiting(now);
    keys.expire(now, EXPIRED);
    keys.sweep(now, SWEPT);
  }

  /** After a request of another owner, or from before a restart, has been found in the store. */
  private void resume(RequestId id, Instant now) {
    RequestState state = load(id);
    if (state != null) {
      workers.moved(id, null, state);
      Step step = lifecycle.resumed(state, now);
      if (state.equals(step.next())) {
        schedule.remain(id, state.due(), now);
      }
      transitions.run(id, state, step, Trigger.TIME, null, now);
    }
  }

  private void cancel(RequestId id, Instant now) {
    RequestState state = load(id);
    if (state != null) {
      scopedCancels
          .concerning(state)
          .ifPresent(command ->
              transitions.run(
                  id, state, lifecycle.cancelled(state, command, now), Trigger.TIME, null, now));
    }
  }

  private void walkWaiting(Instant now) {
    if (!waitingWalk.running()) {
      if (!waiting.begin(now)) {
        return;
      }
      waitingWalk.begin();
    }
    for (RequestId id : waitingWalk.next(WALKED)) {
      RequestState state = load(id);
      if (state instanceof Dispatched dispatched && waiting.concerns(state, now)) {
        Step step = lifecycle.advance(state, now);
        if (state.equals(step.next())) {
          waiting.stays(dispatched);
        } else {
          transitions.run(id, state, step, Trigger.TIME, null, now);
        }
      }
    }
    if (!waitingWalk.running()) {
      waiting.end(now);
    }
  }

  private void advance(RequestId id, Instant now) {
    // The runner dispatches an admitted request, since it knows what has triggered that.
    run(
        id,
        now,
        state ->
            state instanceof Admitted ? new Step(state, List.of()) : lifecycle.advance(state, now));
  }

  private void run(RequestId id, Instant now, Function<RequestState, Step> decision) {
    RequestState state = load(id);
    if (state != null) {
      transitions.run(id, state, decision.apply(state), Trigger.TIME, null, now);
    }
  }

  private @Nullable RequestState load(RequestId id) {
    try {
      return store.request(id);
    } catch (UnreadableStateException e) {
      parked.park(id, e);
      return null;
    }
  }
}
