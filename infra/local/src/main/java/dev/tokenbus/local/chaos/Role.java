package dev.tokenbus.local.chaos;

import java.util.Locale;

/** What a process of the fleet is. */
enum Role {
  /** Broker, registry and database. */
  INFRA(1),
  INGRESS(2),
  ROUTER(2),
  WORKER(2),
  PROJECTIONS(2);

  private final int instances;

  Role(int instances) {
    this.instances = instances;
  }

  /** How many of them run. */
  int instances() {
    return instances;
  }

  /** The command that runs it. */
  String command() {
    return name().toLowerCase(Locale.ROOT);
  }
}
