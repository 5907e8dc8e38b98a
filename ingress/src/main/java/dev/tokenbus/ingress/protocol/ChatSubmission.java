package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Priority;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for: the canonical request, and Tokenbus' own words beside it, which no
 * provider is sent.
 *
 * @param mode {@code flash}, {@code think} or {@code ultra-think}
 * @param agent the agent on whose behalf the request is made
 */
public record ChatSubmission(
    ChatRequest request, @Nullable String mode, @Nullable String agent, Priority priority) {
  public ChatSubmission {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(priority, "priority");
  }
}
