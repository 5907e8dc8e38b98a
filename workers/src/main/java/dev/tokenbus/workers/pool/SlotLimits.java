package dev.tokenbus.workers.pool;

import dev.tokenbus.schemas.avro.ProviderEntry;

/**
 * Between which sizes the pools of a provider move.
 *
 * @param start calls at once to begin with
 * @param ceiling most calls at once
 */
record SlotLimits(int start, int ceiling) {
  /** Option of a provider's entry that sets its ceiling. */
  static final String CEILING = "slots-ceiling";

  /** An operator who allows fewer has a reason, for example a single graphics card. */
  private static final int USUAL_SLOTS = 100;

  SlotLimits {
    if (start < 1 || ceiling < start) {
      throw new IllegalArgumentException(
          "A pool's slots begin at 1 or more and end at no less, not " + start + " and " + ceiling);
    }
  }

  /**
   * The limits of a provider's pools.
   *
   * @param usualCeiling where the entry does not say and allows the usual number or more
   * @throws IllegalArgumentException if the entry's ceiling is not a number
   */
  static SlotLimits of(ProviderEntry entry, int usualCeiling) {
    int start = Math.max(1, entry.getSlots());
    String text = entry.getOptions().get(CEILING);
    if (text == null) {
      return new SlotLimits(
          start, start < USUAL_SLOTS ? start : Math.max(start, most(entry, usualCeiling)));
    }
    try {
      return new SlotLimits(start, Math.max(start, Integer.parseInt(text.strip())));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Provider " + entry.getName() + ": " + CEILING + " must be a number, was " + text, e);
    }
  }

  /** No more than what the provider is known to grant. */
  private static int most(ProviderEntry entry, int usualCeiling) {
    Long streams = entry.getCapacity() == null ? null : entry.getCapacity().getStreams();
    return streams == null ? usualCeiling : (int) Math.min(usualCeiling, streams);
  }

  /**
   * The sizing of a pool.
   *
   * @param batch most records of one poll, for which there must always be room
   */
  SlotSizing sizing(int batch) {
    return new SlotSizing(start, batch, ceiling);
  }
}
