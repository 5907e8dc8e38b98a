package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Instant;
import java.util.Optional;

/** What one record or one row says about a request. */
public sealed interface Entry {
  RequestId id();

  /**
   * A record of {@code requests}.
   *
   * @param projected whether the projection has passed the record
   * @param body empty if the record holds the body itself
   */
  record Accepted(RequestId id, Instant deadline, boolean projected, Optional<BodyPosition> body)
      implements Entry {}

  /** A record of {@code bodies}. */
  record BodyWritten(RequestId id, BodyPosition position) implements Entry {}

  /** A worker has started the attempt. */
  record Attempted(RequestId id, int attempt) implements Entry {}

  /** A record of {@code replies}, in the order of its partition. */
  record Replied(RequestId id, Reply reply) implements Entry {}

  /** A record of {@code replies} of which only the header can be read. */
  record RepliedUnreadably(RequestId id, ReplyHeader header) implements Entry {}

  /**
   * A record of {@code outcomes}; the first of a request counts.
   *
   * @param repeat whether it did not run because an earlier request has its idempotency key
   */
  record Finished(RequestId id, Bill bill, Instant finishedAt, boolean projected, boolean repeat)
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
