package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.RequestBody;
import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.avro.RoutingPreferences;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed request: the canonical body, and beside it what the router and the renderers may know.
 *
 * @param body the canonical request, which only workers read
 */
public record Submission(Header header, RequestBody body) {
  /**
   * What is known without the body.
   *
   * @param model the model as the client named it
   * @param stream whether the client wants a stream
   * @param includeUsage whether the client wants usage at the end of the stream
   * @param features what the router may know of the body
   * @param options what the client chose about the form of its response, for the renderers
   * @param mode {@code flash}, {@code think} or {@code ultra-think}
   * @param agent the id of the agent that makes the request
   */
  public record Header(
      BodyKind kind,
      String model,
      boolean stream,
      boolean includeUsage,
      RequestFeatures features,
      RoutingPreferences preferences,
      Map<String, String> options,
      @Nullable String mode,
      @Nullable String agent,
      Priority priority) {
    public Header {
      options = Map.copyOf(options);
    }
  }
}
