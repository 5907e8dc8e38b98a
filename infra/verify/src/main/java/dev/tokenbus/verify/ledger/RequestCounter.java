package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.verify.findings.RequestCounts;
import java.util.EnumMap;
import java.util.Map;

/** Counts requests by their status. Not thread-safe. */
final class RequestCounter {
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

  RequestCounts counts() {
    return new RequestCounts(
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
