package dev.tokenbus.workers.pool;

import java.util.concurrent.TimeUnit;

/**
 * How many calls a pool may run at once, as it follows what the provider bears. While the provider
 * has never complained, the size doubles as soon as work waits, up to the ceiling: a burst waits
 * for nobody. A complaint (429, 503, 529) halves the size; after some seconds without another it
 * grows again by a quarter a second, and after a minute as if there had been none. A provider that
 * has answered nothing for a while with all its calls waiting is given no more.
 *
 * <p>Not thread-safe. Times are of {@code System.nanoTime}.
 */
final class SlotSizing {
  private static final long MOST_SILENCE = TimeUnit.SECONDS.toNanos(2);
  private static final long ONE_COMPLAINT = TimeUnit.SECONDS.toNanos(1);
  private static final long CAUTION = TimeUnit.SECONDS.toNanos(5);
  private static final long GROWTH_INTERVAL = TimeUnit.SECONDS.toNanos(1);

  private static final long FORGIVEN = TimeUnit.MINUTES.toNanos(1);

  private final int start;
  private final int floor;
  private final int ceiling;
  private int size;
  private boolean complained;
  private long complainedAt;
  private long grownAt;

  /**
   * @param start size to begin with
   * @param floor least size after complaints
   * @param ceiling largest size
   */
  SlotSizing(int start, int floor, int ceiling) {
    if (floor < 1 || floor > start || start > ceiling) {
      throw new IllegalArgumentException(
          "A pool begins between its floor and its ceiling, not "
              + floor
              + ", "
              + start
              + ", "
              + ceiling);
    }
    this.start = start;
    this.floor = floor;
    this.ceiling = ceiling;
    size = start;
  }

  int size() {
    return size;
  }

  int ceiling() {
    return ceiling;
  }

  /**
   * Work waits for slots.
   *
   * @param needed the size that would serve it
   * @param unanswered calls that run and have had no answer yet
   * @param silence how long the provider has answered nothing
   * @return whether the size has grown
   */
  boolean grow(int needed, int unanswered, long silence, long now) {
    if (needed <= size || size >= ceiling || (unanswered >= size && silence > MOST_SILENCE)) {
      return false;
    }
    if (!complained || now - complainedAt > FORGIVEN) {
      size = Math.min(ceiling, Math.max(needed, size * 2));
      return true;
    }
    if (now - complainedAt < CAUTION || now - grownAt < GROWTH_INTERVAL) {
      return false;
    }
    size = Math.min(ceiling, size + Math.max(1, size / 4));
    grownAt = now;
    return true;
  }

  /**
   * The provider says that it is asked for too much.
   *
   * @param used slots that are taken
   */
  void shrink(int used, long now) {
    boolean another = !complained || now - complainedAt > ONE_COMPLAINT;
    complained = true;
    complainedAt = now;
    if (another) {
      // Calls that were refused together are one complaint. One that comes while few calls run is
      // about the rate of requests and says little about their number.
      size = Math.max(floor, Math.min(size, Math.max(used, start)) / 2);
    }
  }
}
