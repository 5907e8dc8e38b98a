package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AttemptEvent;

/**
 * What triggered a transition: the request's acceptance, the report on one run of an attempt, or
 * time. When the process dies before the effects are on the log, the same record comes again and
 * causes them again; time does not, so its effects are repeated when the request is taken over.
 *
 * @param attempt the attempt that was reported on; 0 for acceptance, -1 for time
 * @param claim of the run that was reported on; 0 where there was none
 */
public record Trigger(int attempt, long claim) {
  public static final Trigger ACCEPTANCE = new Trigger(0, 0);
  public static final Trigger TIME = new Trigger(-1, 0);

  public static Trigger report(AttemptEvent event) {
    return new Trigger(event.getAttempt(), event.getClaim());
  }
}
