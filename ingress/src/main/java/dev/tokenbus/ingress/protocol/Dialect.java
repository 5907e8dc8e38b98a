package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A wire format of clients, whole: its routes, how requests are parsed, responses rendered and
 * framed, and errors written. A new dialect is a package with one implementation and one line in
 * the list of dialects.
 *
 * <p>Thread-safe and stateless; renderers are created per request.
 */
public interface Dialect {
  /** The name of this dialect on topics. */
  Protocol protocol();

  List<Route> routes();

  /**
   * How the events of a streamed response are framed.
   *
   * @param rendering the request's options, from which the framing may follow
   */
  Framing framing(Rendering rendering);

  /**
   * Creates a renderer of a streamed response.
   *
   * @param rendering the request's options, if this instance accepted it; null to take them from
   *     the first record
   */
  StreamRenderer stream(RequestId requestId, @Nullable Rendering rendering);

  /** Creates a renderer of a response in one piece; parameters as for {@link #stream}. */
  DocumentRenderer document(RequestId requestId, @Nullable Rendering rendering);

  /** The error response for a problem; {@code Retry-After} is added where the problem knows it. */
  ErrorResponse error(Problem problem);
}
