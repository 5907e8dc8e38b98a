package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Priority;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A parsed chat request: the canonical request, and Tokenbus' own options, which no provider gets.
 *
 * @param mode {@code flash}, {@code think} or {@code ultra-think}
 * @param agent the id of the agent that makes the request
 */
public record ChatSubmission(
    ChatRequest request, @Nullable String mode, @Nullable String agent, Priority priority) {
  public ChatSubmission {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(priority, "priority");
  }
}
