package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import org.jspecify.annotations.Nullable;

/**
 * A wire format of clients: how requests are parsed and responses rendered. Thread-safe and
 * stateless; renderers are created per request.
 */
public interface Dialect {
  /** The name of this dialect on topics. */
  Protocol protocol();

  /**
   * Parses a request.
   *
   * @param body the whole body as received; it is neither changed nor kept
   * @throws ProblemException if it is not a valid request; the problem names the offending
   *     parameter
   */
  ChatSubmission parse(byte[] body);

  /**
   * Creates a renderer of a streamed response.
   *
   * @param rendering the request's options, if this instance accepted it; null to take them from
   *     the first record
   */
  AnswerStream stream(RequestId requestId, @Nullable Rendering rendering);

  /** Creates a renderer of a response in one piece; parameters as for {@link #stream}. */
  AnswerDocument document(RequestId requestId, @Nullable Rendering rendering);

  /** The body of an error response, as JSON in UTF-8. */
  byte[] error(Problem problem);
}
