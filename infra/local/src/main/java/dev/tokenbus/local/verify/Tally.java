package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.avro.RequestStatus;
import java.util.EnumMap;
import java.util.Map;

/** Counts up a {@link Counts}. Not thread-safe. */
final class Tally {
  private final Map<RequestStatus, Long> byStatus = new EnumMap<>(RequestStatus.class);
  private long accepted;
  private long inFlight;

  void accepted() {
    accepted++;
  }

  void inFlight() {
    inFlight++;
  }

  void ended(RequestStatus status, long times) {
    byStatus.merge(status, times, Long::sum);
  }

  Counts counts() {
    return new Counts(
        accepted,
        of(RequestStatus.COMPLETED),
        of(RequestStatus.FAILED),
        of(RequestStatus.CANCELLED),
        of(RequestStatus.REJECTED),
        inFlight);
  }

  private long of(RequestStatus status) {
    return byStatus.getOrDefault(status, 0L);
  }
}
