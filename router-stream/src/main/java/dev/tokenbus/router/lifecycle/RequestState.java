package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request stands. Its only ways on are the methods of the state it is in: a transition that
 * is not one of them does not compile.
 *
 * <pre>
 * Accepted → Admitted → Dispatched → Streaming → Stopping → Ended → Gone
 *     │         ↑ │         │  │         │  │        │        ↑
 *     │         └─┼─────────┘  │         │  │        │        │
 *     │           └────────────┼─────────┘  │        │        │   (Admitted again: the next attempt)
 *     └───────────┴────────────┴────────────┴────────┴────────┘
 * </pre>
 *
 * A failure that may contradict what a worker has written passes through Closing on its way to
 * Ended.
 *
 * <p>All states are immutable.
 */
public sealed interface RequestState {
  /** When time alone moves the request on, at the latest. */
  Instant due();

  /** The request is still to be driven to its end. */
  sealed interface Live extends RequestState {
    Request request();

    /** Every state can be ended. */
    default Ended end(RequestFinished outcome, Cause cause, Instant at, @Nullable Reply lastReply) {
      return new Ended(request().with(outcome), cause, at, lastReply, at);
    }

    /** Every state can be ended with a word that may come too late. */
    default Closing close(RequestFinished outcome, Cause cause, Instant at, Reply lastReply) {
      return new Closing(request().with(outcome), cause, at, lastReply, at);
    }
  }

  /**
   * Not yet admitted; kept in this state only while the catalogue does not know the model yet, or
   * its work topic is not there yet.
   *
   * @param stream whether the client asked for a stream
   * @param includeUsage whether the client asked for a usage chunk
   * @param since when the router saw it first
   * @param due when to look again
   */
  record Accepted(Request request, boolean stream, boolean includeUsage, Instant since, Instant due)
      implements Live {
    Admitted admit(Instant now) {
      return new Admitted(request, now, null, null);
    }

    Accepted held(Instant until) {
      return new Accepted(request, stream, includeUsage, since, until);
    }
  }

  /**
   * Waits to be dispatched, for the first time or again.
   *
   * @param notBefore back-off ends
   * @param again the route to take once more; null for the next one
   * @param failure why the last attempt failed; null before the first
   */
  record Admitted(
      Request request, Instant notBefore, @Nullable Route again, @Nullable Failure failure)
      implements Live {
    @Override
    public Instant due() {
      return earlier(notBefore, request.deadline());
    }

    Dispatched dispatch(Route route, String model, Cause cause, Instant now) {
      Request next = request.dispatched(route, now);
      Attempt attempt =
          new Attempt(next.attempts(), route.provider(), model, route.upstreamModel());
      return new Dispatched(next, attempt, now, cause);
    }

    Admitted postponed(Instant until) {
      return new Admitted(request, until, again, failure);
    }

    Admitted with(Request changed) {
      return new Admitted(changed, notBefore, again, failure);
    }
  }

  /**
   * Stands on a work topic; nobody has started it.
   *
   * @param at when it was put there
   * @param cause why it was put there
   */
  record Dispatched(Request request, Attempt attempt, Instant at, Cause cause) implements Live {
    private static final long FIRST_LOOK_MS = 1_000;

    /**
     * From then on to be looked after again and again: whether it can still be started shows only
     * in the world.
     */
    @Override
    public Instant due() {
      return earlier(at.plusMillis(FIRST_LOOK_MS), request.deadline());
    }

    Dispatched with(Request changed) {
      return new Dispatched(changed, attempt, at, cause);
    }

    Streaming start(Run run, Instant startedAt) {
      return new Streaming(request.started(startedAt), attempt, run, List.of());
    }

    Admitted dispatchAgain(Request changed, Instant now) {
      return new Admitted(changed, now, attempt.route(), null);
    }
  }

  /**
   * A worker runs it.
   *
   * @param rivals claims of others that started the same attempt and have not said how they ended
   */
  record Streaming(Request request, Attempt attempt, Run run, List<Long> rivals) implements Live {
    public Streaming {
      rivals = List.copyOf(rivals);
    }

    @Override
    public Instant due() {
      return request.deadline();
    }

    Streaming withRival(long claim) {
      if (rivals.contains(claim)) {
        return this;
      }
      List<Long> more = new ArrayList<>(rivals);
      more.add(claim);
      return new Streaming(request, attempt, run, more);
    }

    Streaming withoutRival(Request changed, long claim) {
      List<Long> fewer = new ArrayList<>(rivals);
      fewer.remove(claim);
      return new Streaming(changed, attempt, run, fewer);
    }

    Streaming with(Request changed) {
      return new Streaming(changed, attempt, run, rivals);
    }

    /** Tries again where nothing of this attempt can be seen by the client. */
    Admitted retry(Request changed, Instant notBefore, Failure failure) {
      return new Admitted(changed, notBefore, null, failure);
    }

    /** Goes on, at the same route, from what the client has seen, if anything. */
    Admitted takeOver(Request changed, Instant now, @Nullable Failure failure) {
      return new Admitted(changed, now, attempt.route(), failure);
    }

    Stopping stop(Instant until, Failure failure) {
      // A rival that has not said how it ended may own what clients see.
      return new Stopping(
          rivals.isEmpty() ? request : request.lost(), attempt, run, until, failure);
    }
  }

  /** Must end; its worker has been told to stop and is waited for, for the sake of its usage. */
  record Stopping(Request request, Attempt attempt, Run run, Instant until, Failure failure)
      implements Live {
    @Override
    public Instant due() {
      return until;
    }
  }

  /**
   * The router has said that the request failed, and cannot know whether a worker had said before
   * that the answer is complete. Clients believe whatever stands first in the log: so does the
   * outcome, which follows when it has been read.
   *
   * @param request its outcome is complete, for the case that clients see the router's word
   * @param cause what made the router say it
   * @param since when it was said first
   * @param lastReply what the router has said
   * @param due when to say and to read it again
   */
  record Closing(Request request, Cause cause, Instant since, Reply lastReply, Instant due)
      implements Live {
    Closing with(Request changed) {
      return new Closing(changed, cause, since, lastReply, due);
    }

    Closing again(Instant next) {
      return new Closing(request, cause, since, lastReply, next);
    }

    /** Clients see what the router has said. */
    Ended confirmed(Instant now) {
      return new Ended(request, Cause.TIME, now, lastReply, now);
    }

    /** Clients see a complete answer. */
    Ended overruled(RequestFinished outcome, Instant now) {
      return new Ended(request.with(outcome), Cause.TIME, now, null, now);
    }
  }

  /**
   * Has ended. Kept for a while, so that a repeat of what ended it repeats the same outcome.
   *
   * @param request its outcome is complete
   * @param cause what ended it
   * @param lastReply the router's last word to the client; null where the worker said it
   */
  record Ended(Request request, Cause cause, Instant at, @Nullable Reply lastReply, Instant due)
      implements RequestState {
    Ended until(Instant forgetAt) {
      return new Ended(request, cause, at, lastReply, forgetAt);
    }

    Gone forget(Instant until) {
      return new Gone(request.id(), request.attempts(), until);
    }
  }

  /** Ended long ago: only the id is kept, until the deadline forbids to run it anyway. */
  record Gone(RequestId id, int attempts, Instant due) implements RequestState {}

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
