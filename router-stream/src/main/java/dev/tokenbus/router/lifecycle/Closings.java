package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.CancelReason;
import java.time.Duration;
import java.time.Instant;

/**
 * Finds out how a request ended for which the router has written that it failed. Where a worker may
 * have written more than was heard of, the reply log tells. Where no start was heard of at all,
 * nothing is read unless one is reported after all: it may have waited behind other records, while
 * the command that ended the request came another way.
 */
final class Closings {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  /** How many times the time in which the log cannot be read at all. */
  private static final int LONGEST_READING = 5;

  private final Policy policy;
  private final Terminations terminations;

  Closings(Policy policy, Terminations terminations) {
    this.policy = policy;
    this.terminations = terminations;
  }

  /** Writes the failure reply, and gives a start that is on its way time to be read. */
  static Step awaitStart(Closing closing, Instant until) {
    return Step.stay(closing.again(until), new Effect.SendReply(closing.lastReply()));
  }

  /** Writes the failure reply, again or for the first time, and has the reply log read. */
  static Step ask(Closing closing, Instant now) {
    return Step.stay(
        closing.again(now.plus(ASK_AGAIN)),
        new Effect.SendReply(closing.lastReply()),
        new Effect.FindFinalReply(closing.request().id(), closing.request().form().repliesFrom()));
  }

  /** A worker may have begun the attempt nevertheless: what it wrote is billed when it stops. */
  Step started(Closing closing, AttemptEvent event, Instant now) {
    Effect stop = stop(closing, event.getAttempt(), now);
    if (!closing.unheard()) {
      return Step.stay(closing, stop);
    }
    Closing heard = heard(closing, event);
    String code = heard.request().outcome().getErrorCode();
    return Step.stay(
        heard.with(heard.request().withUnbilled(AttemptBilling.silent(event, code))), stop);
  }

  /** Notes the cost of an attempt; the report that led here causes its effects again. */
  Step finished(Closing closing, AttemptEvent event, AttemptFinished finished, Instant now) {
    if (closing.trigger().equals(Trigger.report(event))) {
      return ask(closing, now);
    }
    Closing heard = heard(closing, event);
    Closing charged = heard.with(heard.request().withCost(event, finished));
    return charged.trigger().equals(Trigger.TIME) ? ask(charged, now) : Step.stay(charged);
  }

  private static Closing heard(Closing closing, AttemptEvent event) {
    return closing.with(closing.request().started(event.getAt()));
  }

  /** Repeats what time alone had caused, after a take-over. */
  Step resumed(Closing closing, Instant now) {
    return closing.unheard()
        ? Step.stay(
            closing,
            new Effect.SendReply(closing.lastReply()),
            stop(closing, closing.request().attempts(), now))
        : ask(closing, now);
  }

  Step advance(Closing closing, Instant now) {
    if (now.isBefore(closing.due())) {
      return Step.stay(closing);
    }
    boolean inTime = now.isBefore(closing.since().plus(policy.closing()));
    return inTime && !closing.unheard()
        ? ask(closing, now)
        : settled(closing, new FinalReply.NoAnswer(null), now);
  }

  /** Ends the request once the reply log has been read, or could not be read in time. */
  Step settled(Closing closing, FinalReply word, Instant now) {
    Request request = closing.request();
    return switch (word) {
      case FinalReply.Pending _ -> Step.stay(mayRead(closing, now) ? closing.read(now) : closing);
      case FinalReply.NoAnswer(FinalReply.Delivered delivered) when delivered != null ->
          terminations.step(
              closing
                  .with(
                      request.with(
                          AttemptBilling.delivered(
                              request.outcome(), delivered, request.form().estimatedInputTokens())))
                  .confirmed(now),
              now);
      case FinalReply.NoAnswer _ -> terminations.step(closing.confirmed(now), now);
      case FinalReply.Answer answer ->
          terminations.step(
              closing.overruled(AttemptBilling.answered(request.outcome(), answer), now), now);
    };
  }

  /** However long reading takes, the request ends. */
  private boolean mayRead(Closing closing, Instant now) {
    return now.isBefore(
        closing
            .request()
            .outcome()
            .getFinishedAt()
            .plus(policy.closing().multipliedBy(LONGEST_READING)));
  }

  private static Effect stop(Closing closing, int upToAttempt, Instant now) {
    return CancelCommands.stop(closing.request(), CancelReason.SUPERSEDED, upToAttempt, now);
  }
}
