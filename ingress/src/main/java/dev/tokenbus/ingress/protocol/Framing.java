package dev.tokenbus.ingress.protocol;

import dev.tokenbus.runtime.json.Utf8Buffer;
import org.jspecify.annotations.Nullable;

/**
 * How a stream's events are delimited on the wire, and what keeps a silent stream alive. Immutable
 * and thread-safe.
 */
public interface Framing {
  /** The content type of a streamed response. */
  String contentType();

  /**
   * Writes what stands before the data of an event.
   *
   * @param offset the offset of the event's record; negative for an event that is not in the log
   * @param index the index of the event within the record
   * @param name the name of the event; null if it has none
   */
  void begin(Utf8Buffer out, long offset, int index, @Nullable String name);

  /** Writes what stands behind the data of an event. */
  void end(Utf8Buffer out);

  /** What is sent between two events of a silent stream; never a part of an event. */
  byte[] heartbeat();
}
