package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.RequestHeader;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What replies and later dispatches copy from a request's header, which is not read again.
 *
 * @param stream whether the client asked for a stream
 * @param includeUsage whether the client asked for a usage chunk
 * @param options the client's choices about the form of its answer, in its dialect's words
 * @param traceparent W3C trace context
 * @param repliesFrom an offset in the reply partition that is not behind the request's first reply
 * @param estimatedInputTokens the ingress's estimate of the prompt's size, in tokens
 */
public record RequestForm(
    boolean stream,
    boolean includeUsage,
    Map<String, String> options,
    @Nullable String traceparent,
    @Nullable Long repliesFrom,
    long estimatedInputTokens) {
  public RequestForm {
    options = Map.copyOf(options);
  }

  /** As the header has it. */
  public static RequestForm of(RequestHeader header) {
    return new RequestForm(
        header.getFeatures().getStream(),
        header.getFeatures().getIncludeUsage(),
        header.getOptions(),
        header.getTraceparent(),
        header.getRepliesFrom(),
        header.getFeatures().getEstimatedInputTokens());
  }
}
