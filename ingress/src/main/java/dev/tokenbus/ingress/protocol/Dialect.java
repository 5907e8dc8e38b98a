package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import org.jspecify.annotations.Nullable;

/**
 * One wire format in which clients speak and are answered. Thread-safe and without state; what has
 * state is made per request.
 */
public interface Dialect {
  /** The name under which requests of this dialect stand on topics. */
  Protocol protocol();

  /**
   * Reads a request.
   *
   * @param body the whole body as received; not changed, and not kept
   * @throws ProblemException if it is not a valid request; the problem names the parameter at fault
   */
  ChatSubmission parse(byte[] body);

  /**
   * A renderer of a streamed answer.
   *
   * @param rendering what the request asked for, where this instance took it; otherwise the log's
   *     first record says
   */
  AnswerStream stream(RequestId requestId, @Nullable Rendering rendering);

  /** A renderer of an answer in one piece; parameters as for {@link #stream}. */
  AnswerDocument document(RequestId requestId, @Nullable Rendering rendering);

  /** The error body of this dialect, as JSON in UTF-8. */
  byte[] error(Problem problem);
}
