package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AttemptEvent;

/**
 * What brought a request into a state: its acceptance, the report on one run of an attempt, or
 * time. When the process that decided it dies before its effects are on the log, the same cause
 * comes again and brings them about again; time alone does not, and is made up for when the request
 * is taken over.
 *
 * @param attempt the attempt that was reported on; 0 for acceptance, -1 for time
 * @param claim of the run that was reported on; 0 where there was none
 */
public record Cause(int attempt, long claim) {
  public static final Cause ACCEPTANCE = new Cause(0, 0);
  public static final Cause TIME = new Cause(-1, 0);

  public static Cause report(AttemptEvent event) {
    return new Cause(event.getAttempt(), event.getClaim());
  }
}
