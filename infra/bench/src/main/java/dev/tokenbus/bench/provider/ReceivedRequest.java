package dev.tokenbus.bench.provider;

import dev.tokenbus.bench.http.HeaderFields;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A request that the mock received, and how it went on; a snapshot.
 *
 * @param number counts from 1 over the mock's life
 * @param body as received, after chunked decoding; shared, so not to be changed
 * @param said the text of the answer, token by token, whether or not they have been sent; empty
 *     where no text was answered
 * @param tokensSent deltas handed to the socket; 0 for an answer that is not streamed
 * @param endedAfter time from the last byte of the request to the end; empty while open
 */
@SuppressWarnings("ArrayRecordComponent") // up to 16 MB; requests are never compared
public record ReceivedRequest(
    long number,
    String method,
    String path,
    HeaderFields headers,
    byte[] body,
    Instant at,
    List<String> said,
    int tokensSent,
    Ending ending,
    Optional<Duration> endedAfter) {
  public ReceivedRequest {
    said = List.copyOf(said);
  }

  /** How the answer ended. */
  public enum Ending {
    /** The answer is not finished. */
    OPEN,
    /** The whole answer was sent. */
    COMPLETE,
    /** An error was answered, or a fault ended the stream. */
    FAULT,
    /** The client closed before the end. */
    CLIENT_GONE
  }
}
