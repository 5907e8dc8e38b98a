package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One request, lived through by a test: the processor without Kafka. */
public final class Life {
  static final Duration PATIENCE = Duration.ofMinutes(1);

  /** The usual policy, except that a stream which breaks is not continued. */
  static final Policy ENDING_STREAMS = endingStreams(Policy.DEFAULT);

  static final LogPosition POSITION = new LogPosition(1, 42, 512);

  final FakeClusterView cluster = new FakeClusterView();
  final Policy policy;
  final RequestLifecycle lifecycle;
  final RequestAccepted request;
  final RequestId id;
  final LogPosition position;
  final Key key;
  final List<Effect> effects = new ArrayList<>();
  Instant now = Samples.START;
  @Nullable RequestState state;

  /** What the log tells when it is read; null where it cannot be read. */
  @Nullable FinalReply finalReply = new FinalReply.NoAnswer(null);

  Life(String model) {
    this(model, Policy.DEFAULT);
  }

  Life(String model, Policy policy) {
    this(
        Samples.request(Samples.id(7, Samples.START), model, PATIENCE),
        POSITION,
        policy,
        new Key());
  }

  Life(RequestAccepted request, LogPosition position, Policy policy, Key key) {
    this.request = request;
    this.position = position;
    this.policy = policy;
    this.key = key;
    lifecycle = new RequestLifecycle(policy, cluster);
    id = RequestId.parse(request.getRequestId());
  }

  /** The one idempotency key that requests of a test name. */
  static final class Key {
    @Nullable IdempotencyEntry owner;

    /** Which is there. */
    IdempotencyEntry owned() {
      return Objects.requireNonNull(owner);
    }
  }

  static Life at(Instant now, int number, RequestAccepted request, Key key) {
    RequestAccepted then =
        RequestAccepted.newBuilder(request).setDeadline(now.plus(PATIENCE)).build();
    Life life = new Life(then, new LogPosition(0, number, 512), Policy.DEFAULT, key);
    life.now = now;
    return life;
  }

  static Policy withIdempotency(Duration keep) {
    return changed(Policy.DEFAULT, keep, Policy.DEFAULT.continueStreams());
  }

  private static Policy endingStreams(Policy usual) {
    return changed(usual, usual.idempotency(), false);
  }

  private static Policy changed(Policy usual, Duration idempotency, boolean continueStreams) {
    return new Policy(
        usual.maxAttempts(),
        usual.maxLosses(),
        usual.backoff(),
        usual.maxBackoff(),
        usual.catalogueGrace(),
        usual.topicGrace(),
        usual.lostDispatch(),
        usual.noWorker(),
        usual.stopping(),
        usual.closing(),
        usual.repeatOutcome(),
        idempotency,
        continueStreams);
  }

  /** A request that was accepted. */
  static Life accepted(String model) {
    Life life = new Life(model);
    life.accept();
    return life;
  }

  static Life streaming(String model) {
    Life life = accepted(model);
    life.start(1);
    return life;
  }

  List<Effect> accept() {
    return take(
        lifecycle.accepted(state, Samples.header(request), position, key.owner, now),
        Trigger.ACCEPTANCE);
  }

  List<Effect> report(AttemptEvent event) {
    return take(lifecycle.reported(state, event, now), Trigger.report(event));
  }

  List<Effect> start(long claim) {
    return report(Samples.started(id, attempt(), claim, Samples.WORKER, now));
  }

  List<Effect> succeed(long claim) {
    return report(Samples.succeeded(id, attempt(), claim, Samples.WORKER, now));
  }

  List<Effect> fail(long claim, ErrorCode code) {
    return report(Samples.failed(id, attempt(), claim, Samples.WORKER, now, code, false));
  }

  List<Effect> cancelled(long claim, boolean delivered) {
    return report(
        Samples.event(
            id,
            attempt(),
            claim,
            Samples.WORKER,
            now,
            Samples.finished(
                AttemptOutcome.CANCELLED,
                ErrorCode.CANCELLED,
                delivered,
                delivered ? Samples.usage(5, 6) : null)));
  }

  List<Effect> advance(Duration by) {
    now = now.plus(by);
    return state == null ? List.of() : take(lifecycle.advance(state, now), Trigger.TIME);
  }

  List<Effect> cancel(CancelReason reason) {
    Cancel cancel = Cancel.newBuilder().setReason(reason).setUpToAttempt(Integer.MAX_VALUE).build();
    return take(lifecycle.cancelled(Objects.requireNonNull(state), cancel, now), Trigger.TIME);
  }

  List<Effect> resume() {
    return take(lifecycle.resumed(Objects.requireNonNull(state), now), Trigger.TIME);
  }

  private List<Effect> take(Step decided, Trigger trigger) {
    Step step = decided;
    if (step.next() instanceof Admitted admitted && !admitted.due().isAfter(now)) {
      step = step.then(lifecycle.dispatch(admitted, trigger, now));
    }
    state = step.next();
    if (state != null && request.getIdempotencyKey() != null) {
      key.owner = lifecycle.idempotencyEntry(key.owner, state);
    }
    effects.addAll(step.effects());
    FinalReply read =
        only(step.effects(), Effect.FindFinalReply.class).isEmpty() ? null : finalReply;
    return read == null || state == null
        ? step.effects()
        : Stream.concat(step.effects().stream(), settle(read).stream()).toList();
  }

  List<Effect> settle(FinalReply read) {
    return take(lifecycle.settled(Objects.requireNonNull(state), read, now), Trigger.TIME);
  }

  /** The attempt that is dispatched or runs now; otherwise the last. */
  Attempt attempt() {
    return switch (state) {
      case Dispatched dispatched -> dispatched.attempt();
      case Streaming streaming -> streaming.attempt();
      case RequestState.Stopping stopping -> stopping.attempt();
      case null, default -> attempt(lastAttempt());
    };
  }

  Attempt attempt(int number) {
    return new Attempt(number, "east", request.getTenant(), "big");
  }

  private int lastAttempt() {
    return switch (state) {
      case Live live -> Math.max(1, live.request().attempts());
      case Ended ended -> Math.max(1, ended.request().attempts());
      case null, default -> 1;
    };
  }

  /** The state, which is of this kind. */
  <S extends RequestState> S in(Class<S> kind) {
    return kind.cast(Objects.requireNonNull(state));
  }

  RequestFinished outcome() {
    return in(Ended.class).request().outcome();
  }

  static <E extends Effect> List<E> only(List<Effect> effects, Class<E> kind) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  static Life notContinuing() {
    Life life = new Life(Samples.MODEL, Life.ENDING_STREAMS);
    life.accept();
    life.start(1);
    return life;
  }

  static Cancel cancelIn(List<Effect> effects) {
    return (Cancel) Life.only(effects, Effect.SendCancel.class).getFirst().control().getCommand();
  }
}
