package dev.tokenbus.chaos.fleet;

/**
 * Names one process of the fleet.
 *
 * @param number from 1
 */
public record InstanceName(Role role, int number) {
  @Override
  public String toString() {
    return role.command() + "-" + number;
  }
}
