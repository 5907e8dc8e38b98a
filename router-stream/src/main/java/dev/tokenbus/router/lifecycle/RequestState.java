package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.routing.Route;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a request. Its only transitions are the methods of the state it is in: any other
 * does not compile.
 *
 * <pre>
 * Accepted → Admitted → Dispatched → Streaming → Stopping → Ended
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
  /** When time alone triggers the next transition, at the latest. */
  Instant due();

  /** The request has not ended. */
  sealed interface Live extends RequestState
      permits Accepted, Admitted, Declinable, Stopping, Closing {
    Request request();

    /** Ends the request. */
    default Ended end(
        RequestFinished outcome, Trigger trigger, Instant at, @Nullable Reply lastReply) {
      return new Ended(request().with(outcome), trigger, at, lastReply, at);
    }

    /** Fails the request by a reply that may come behind a complete answer in the log. */
    default Closing close(RequestFinished outcome, Trigger trigger, Instant at, Reply lastReply) {
      return new Closing(request().with(outcome), trigger, at, lastReply, at);
    }
  }

  /**
   * The request is not admitted. It stays in this state only while the catalogue does not hold its
   * model, or the work topic is missing.
   *
   * @param since when the router first read it
   * @param due when to decide again
   */
  record Accepted(Request request, Instant since, Instant due) implements Live {
    Admitted admit(Instant now) {
      return new Admitted(request, now, null, null, null);
    }

    Accepted held(Instant until) {
      return new Accepted(request, since, until);
    }
  }

  /**
   * The request waits to be dispatched, for the first time or again.
   *
   * @param notBefore end of the back-off
   * @param again the route to take once more; null to take the next one
   * @param failure why the last attempt failed; null before the first
   * @param predecessor the run whose stream the next attempt continues; null where there is none
   */
  record Admitted(
      Request request,
      Instant notBefore,
      @Nullable Route again,
      @Nullable Failure failure,
      @Nullable Predecessor predecessor)
      implements Live {
    @Override
    public Instant due() {
      return earlier(notBefore, request.deadline());
    }

    Dispatched dispatch(Route route, String model, Trigger trigger, Instant now) {
      Request next = request.dispatched(route, now);
      Attempt attempt =
          new Attempt(next.attempts(), route.provider(), model, route.upstreamModel());
      return new Dispatched(next, attempt, now, trigger, predecessor);
    }

    Admitted postponed(Instant until) {
      return new Admitted(request, until, again, failure, predecessor);
    }

    Admitted with(Request changed) {
      return new Admitted(changed, notBefore, again, failure, predecessor);
    }
  }

  /**
   * The attempt is on a work topic; no worker has started it.
   *
   * @param at when it was dispatched
   * @param trigger what triggered the dispatch
   * @param predecessor the run whose stream the attempt continues; null where there is none
   */
  record Dispatched(
      Request request,
      Attempt attempt,
      Instant at,
      Trigger trigger,
      @Nullable Predecessor predecessor)
      implements Declinable {
    private static final long FIRST_LOOK_MS = 1_000;

    /**
     * From then on it is checked repeatedly: whether a worker can still start it shows only in the
     * {@link ClusterView}.
     */
    @Override
    public Instant due() {
      return earlier(at.plusMillis(FIRST_LOOK_MS), request.deadline());
    }

    Dispatched with(Request changed) {
      return new Dispatched(changed, attempt, at, trigger, predecessor);
    }

    Streaming start(Run run, Instant startedAt) {
      return new Streaming(
          request.started(startedAt), attempt, run, List.of(), predecessor, Instant.EPOCH);
    }

    Admitted dispatchAgain(Request changed, Instant now) {
      return new Admitted(changed, now, attempt.route(), null, predecessor);
    }
  }

  /**
   * A worker runs the attempt.
   *
   * @param rivals claims of other runs of the same attempt that have not reported their end
   * @param predecessor the run whose stream the attempt continues; null where there is none
   * @param trustUntil until then the silence of its worker does not count: its stream was seen to
   *     go on
   */
  record Streaming(
      Request request,
      Attempt attempt,
      Run run,
      List<Long> rivals,
      @Nullable Predecessor predecessor,
      Instant trustUntil)
      implements Declinable {
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
      return new Streaming(request, attempt, run, more, predecessor, trustUntil);
    }

    Streaming withoutRival(Request changed, long claim) {
      List<Long> fewer = new ArrayList<>(rivals);
      fewer.remove(claim);
      return new Streaming(changed, attempt, run, fewer, predecessor, trustUntil);
    }

    Streaming with(Request changed) {
      return new Streaming(changed, attempt, run, rivals, predecessor, trustUntil);
    }

    /** Tries again where the client has seen nothing of this attempt. */
    Admitted retry(Request changed, Instant notBefore, Failure failure) {
      return new Admitted(changed, notBefore, null, failure, null);
    }

    /** Tries again at the route that the client has seen output of. */
    Admitted continueAt(Route spoken, Request changed, Instant notBefore, Failure failure) {
      return new Admitted(changed, notBefore, spoken, failure, lastSpeaker());
    }

    /** Continues at another route, behind what the client has seen. */
    Admitted continueElsewhere(Request changed, Instant notBefore, Failure failure) {
      return new Admitted(changed, notBefore, null, failure, lastSpeaker());
    }

    private Predecessor lastSpeaker() {
      return predecessor == null ? new Predecessor(attempt, run) : predecessor;
    }

    /** Continues at the same route from what the client has seen, if anything. */
    Admitted takeOver(Request changed, Instant now, @Nullable Failure failure) {
      return new Admitted(
          changed.spokenBy(attempt.route()),
          now,
          attempt.route(),
          failure,
          new Predecessor(attempt, run));
    }

    Stopping stop(Instant until, Failure failure) {
      // A rival that has not reported its end may own what clients see.
      return new Stopping(
          rivals.isEmpty() ? request : request.lost(), attempt, run, until, failure);
    }
  }

  /**
   * The request must end. Its worker was told to stop; the router waits for its report, for the
   * usage in it.
   */
  record Stopping(Request request, Attempt attempt, Run run, Instant until, Failure failure)
      implements Live {
    @Override
    public Instant due() {
      return until;
    }
  }

  /**
   * The router has written that the request failed, and does not know whether a worker had
   * completed the answer before. Clients see the first of the two in the log; the outcome follows
   * when the log has been read.
   *
   * @param request with its outcome, for the case that clients see the router's reply
   * @param trigger what triggered the failure
   * @param since from when on the log cannot be read: when the reply was first written, or the log
   *     was last being read
   * @param lastReply the router's reply
   * @param due when to write the reply and to read the log again
   */
  record Closing(Request request, Trigger trigger, Instant since, Reply lastReply, Instant due)
      implements Live {
    Closing with(Request changed) {
      return new Closing(changed, trigger, since, lastReply, due);
    }

    Closing again(Instant next) {
      return new Closing(request, trigger, since, lastReply, next);
    }

    Closing read(Instant now) {
      return new Closing(request, trigger, now, lastReply, due);
    }

    /** Nobody is known to have begun any attempt. */
    boolean unheard() {
      return request.outcome().getStartedAt() == null && request.losses() == 0;
    }

    /** Clients see the router's reply. */
    Ended confirmed(Instant now) {
      return new Ended(request, Trigger.TIME, now, lastReply, now);
    }

    /** Clients see a complete answer. */
    Ended overruled(RequestFinished outcome, Instant now) {
      return new Ended(request.with(outcome), Trigger.TIME, now, null, now);
    }
  }

  /**
   * The request has ended. It is kept for a while, so that a repeated record is answered with the
   * same outcome.
   *
   * @param request with its outcome
   * @param trigger what triggered the end
   * @param lastReply the router's final reply; null where a worker wrote it
   */
  record Ended(Request request, Trigger trigger, Instant at, @Nullable Reply lastReply, Instant due)
      implements RequestState {
    Ended until(Instant forgetAt) {
      return new Ended(request, trigger, at, lastReply, forgetAt);
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
