package dev.tokenbus.local.chaos;

/**
 * One process of the fleet.
 *
 * @param instance from 1
 */
record Target(Role role, int instance) {
  @Override
  public String toString() {
    return role.command() + "-" + instance;
  }
}
