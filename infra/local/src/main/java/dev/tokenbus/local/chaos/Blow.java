package dev.tokenbus.local.chaos;

import java.time.Duration;

/** Something bad that happens. */
sealed interface Blow {
  /** What the report counts it under. */
  String kind();

  /** SIGKILL; started again after a pause. */
  record Kill(Target target, Duration pause) implements Blow {
    @Override
    public String kind() {
      return "kill " + target.role().command();
    }

    @Override
    public String toString() {
      return "kill %s, start it again after %d ms".formatted(target, pause.toMillis());
    }
  }

  /** SIGTERM, as in a rolling restart; started again when it has ended. */
  record Restart(Target target) implements Blow {
    @Override
    public String kind() {
      return "restart " + target.role().command();
    }

    @Override
    public String toString() {
      return "restart " + target;
    }
  }

  /** SIGSTOP, and SIGCONT after a while: long enough for others to think that it is dead. */
  record Freeze(Target target, Duration length) implements Blow {
    @Override
    public String kind() {
      return "freeze " + target.role().command();
    }

    @Override
    public String toString() {
      return "freeze %s for %d ms".formatted(target, length.toMillis());
    }
  }

  /** PostgreSQL alone is stopped, and started again after a while. */
  record StopPostgres(Duration length) implements Blow {
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
