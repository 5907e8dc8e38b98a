package dev.tokenbus.workers.provider.http;

import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.ProviderFailure;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one answer of a dialect, either the events of a stream one by one or a whole answer, and
 * gathers what they say in the canonical form.
 *
 * <p>Not thread-safe.
 */
public interface AnswerReader {
  /**
   * Reads the data of one server-sent event.
   *
   * @param error whether the event's type is {@code error}
   * @throws IOException if the data is not what this dialect sends
   */
  void readEvent(byte[] bytes, int from, int length, boolean error) throws IOException;

  /**
   * Reads an answer that is not streamed.
   *
   * @throws IOException if the body is not what this dialect sends
   */
  void readWhole(byte[] bytes) throws IOException;

  /** The output read since the last call, in order. */
  List<Delta> takeDeltas();

  boolean hasDeltas();

  /** Whether the provider has marked the end of its stream. */
  boolean done();

  /** Whether the answer is complete even where the stream's end is not marked. */
  boolean allFinished();

  /** Whether anything that was read was an answer (and not, for example, an empty object). */
  boolean understood();

  /** The error that the provider reported in place of an answer, or in the middle of one. */
  @Nullable ProviderFailure error();

  /**
   * What the provider has said of itself so far.
   *
   * @param requestId from the response's headers, where one was there
   */
  AnswerHead head(@Nullable String requestId);

  /** How the answer ended; to be asked once it is complete. */
  AnswerEnd end();
}
