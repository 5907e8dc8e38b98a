package dev.tokenbus.chaos.fleet;

import java.util.Locale;

/** The roles of the processes of a fleet. */
public enum Role {
  /** Broker, registry and database. */
  INFRA(1),
  INGRESS(2),
  ROUTER(2),
  /** Alone; a router runs it too. */
  METERING(1),
  WORKER(2),
  PROJECTIONS(2);

  private final int instances;

  Role(int instances) {
    this.instances = instances;
  }

  /** How many instances run. */
  public int instances() {
    return instances;
  }

  /** The command that runs it. */
  public String command() {
    return name().toLowerCase(Locale.ROOT);
  }
}
