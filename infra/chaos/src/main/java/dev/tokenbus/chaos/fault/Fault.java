package dev.tokenbus.chaos.fault;

import dev.tokenbus.chaos.fleet.InstanceName;
import java.time.Duration;

/** Something that is done to a running process. */
public sealed interface Fault {
  /** The name under which the report counts it. */
  String kind();

  /** SIGKILL; the process is started again after a pause. */
  record Kill(InstanceName target, Duration pause) implements Fault {
    @Override
    public String kind() {
      return "kill " + target.role().command();
    }

    @Override
    public String toString() {
      return "kill %s, start it again after %d ms".formatted(target, pause.toMillis());
    }
  }

  /** SIGTERM, as in a rolling restart; the process is started again when it has ended. */
  record Restart(InstanceName target) implements Fault {
    @Override
    public String kind() {
      return "restart " + target.role().command();
    }

    @Override
    public String toString() {
      return "restart " + target;
    }
  }

  /** SIGSTOP, and SIGCONT after so long that others take the process for dead. */
  record Freeze(InstanceName target, Duration length) implements Fault {
    @Override
    public String kind() {
      return "freeze " + target.role().command();
    }

    @Override
    public String toString() {
      return "freeze %s for %d ms".formatted(target, length.toMillis());
    }
  }

  /** PostgreSQL alone is stopped and started again. */
  record StopPostgres(Duration length) implements Fault {
    @Override
    public String kind() {
      return "stop postgres";
    }

    @Override
    public String toString() {
      return "stop PostgreSQL for %d ms".formatted(length.toMillis());
    }
  }
}
