package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Instant;
import java.util.Optional;

/** What the {@link Ledger} is told of one record or one row. */
sealed interface Entry {
  RequestId id();

  /**
   * A record of {@code requests}.
   *
   * @param projected whether the projection says that it has written the record down
   */
  record Accepted(RequestId id, Instant deadline, boolean projected) implements Entry {}

  /** A worker has or had the attempt. */
  record Attempted(RequestId id, int attempt) implements Entry {}

  /** A record of {@code replies}, in the order of its partition. */
  record Said(RequestId id, Reply reply) implements Entry {}

  /**
   * A record of {@code outcomes}; the first of a request stands.
   *
   * @param repeat whether it was not run because an earlier request has its idempotency key
   */
  record Ended(RequestId id, Bill bill, Instant finishedAt, boolean projected, boolean repeat)
      implements Entry {}

  /** A record of {@code usage}. */
  record Billed(RequestId id, Bill bill, boolean projected) implements Entry {}

  /** A row of {@code usage_events}. */
  record UsageRow(RequestId id, Bill bill) implements Entry {}

  /**
   * A row of {@code requests}.
   *
   * @param status empty while it is in flight
   */
  record RequestRow(RequestId id, Optional<RequestStatus> status) implements Entry {}
}
