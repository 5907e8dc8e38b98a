package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.schemas.avro.CancelAll;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.RequestFinished;
import java.time.Instant;

/**
 * A command to end every request of a tenant, key, agent or run that was accepted before an
 * instant.
 *
 * @param tenant whose keys, agents and runs are meant; empty for those of every tenant
 * @param before the time of the command: what is accepted later is not meant
 */
public record ScopedCancel(
    Scope scope, String tenant, String name, Instant before, CancelReason reason) {

  /** What the command names. */
  public enum Scope {
    TENANT,
    KEY,
    AGENT,
    RUN
  }

  /**
   * As the record on topic {@code control} has it.
   *
   * @throws IllegalArgumentException if the scope is none that this version knows
   */
  public static ScopedCancel of(Control control, CancelAll command) {
    Scope scope =
        switch (command.getScope()) {
          case "tenant" -> Scope.TENANT;
          case "key" -> Scope.KEY;
          case "agent" -> Scope.AGENT;
          case "run" -> Scope.RUN;
          default ->
              throw new IllegalArgumentException(
                  "No scope of requests: \"" + command.getScope() + "\"");
        };
    return new ScopedCancel(
        scope, control.getTenant(), command.getName(), control.getAt(), command.getReason());
  }

  /** Whether the command is about this request and it has not ended. */
  public boolean concerns(RequestState state) {
    return switch (state) {
      case Live live -> concerns(live.request().outcome());
      case Ended _ -> false;
    };
  }

  private boolean concerns(RequestFinished request) {
    return request.getAcceptedAt().isBefore(before)
        && switch (scope) {
          case TENANT -> name.equals(request.getTenant());
          case KEY -> ofTenant(request) && name.equals(request.getKeyId());
          case AGENT -> ofTenant(request) && name.equals(request.getAgent());
          case RUN -> ofTenant(request) && name.equals(request.getRunId());
        };
  }

  private boolean ofTenant(RequestFinished request) {
    return tenant.isEmpty() || tenant.equals(request.getTenant());
  }
}
