package dev.tokenbus.router.inbound;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptEventHeader;
import dev.tokenbus.schemas.avro.RequestHeader;

/** A record of the router's input, as far as this version can read it. */
public sealed interface Inbound {
  /**
   * A request was accepted.
   *
   * @param header complete, also where 0.1.0 wrote the record
   * @param bytes size of the record's value
   */
  record Accepted(RequestHeader header, long bytes) implements Inbound {}

  /**
   * A newer version has written the request in words that this one does not know, or the request
   * does not say which model it asks for.
   *
   * @param header what could be read of it
   */
  record UnreadableRequest(RequestHeader header, long bytes) implements Inbound {}

  /** A worker reports on an attempt. */
  record Report(AttemptEvent event) implements Inbound {}

  /** A newer version has written the report in words that this one does not know. */
  record UnreadableReport(AttemptEventHeader header) implements Inbound {}
}
